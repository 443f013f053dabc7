"""What import-linter allows between capabilities is what their records say."""

from configparser import ConfigParser
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import housekey.capabilities

ROOT = Path(__file__).parent.parent.parent


def exceptions() -> set[tuple[str, str]]:
    config = ConfigParser()
    config.read(ROOT / ".importlinter")
    lines = config["importlinter:contract:rooms"]["ignore_imports"].split("\n")
    pairs = [line.split(" -> ") for line in lines if line]
    return {(user.split(".")[2], used.split(".")[2]) for user, used in pairs}


def needs() -> set[tuple[str, str]]:
    names = [module.name for module in iter_modules(housekey.capabilities.__path__) if module.ispkg]
    records = [import_module(f"housekey.capabilities.{name}").capability for name in names]
    return {(record.name, needed) for record in records for needed in record.needs}


def test_capabilities_import_each_other_only_where_their_records_say_so():
    assert exceptions() == needs()
