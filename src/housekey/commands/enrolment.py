"""An account as an operator describes it: the same fields and limits as on the page where people register."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click
from werkzeug.datastructures import MultiDict

from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.registration import actions
from housekey.capabilities.registration.actions import Wanted
from housekey.capabilities.registration.inputs import register_input
from housekey.capabilities.registration.pages import wanted as wanted_of
from housekey.capabilities.registration.settings import name_mode
from housekey.commands.passwords import ask
from housekey.web.fields import fields_of
from housekey.web.here import here
from housekey.web.inputs import read_form

LATER = "asked for later"


def wanted(email: str, *, username: str | None, name: str | None, fields: Sequence[str]) -> Wanted:
    """What was named, without a password. Raises `InvalidInput`, also if it is taken: before anyone types one."""
    struct = register_input(here.house)
    assert struct is not None
    given = {"email": email, "username": username, "name": name} | dict(map(_split, fields))
    form = {key: value for key, value in given.items() if value is not None}
    lost = {"name"} if name_mode(here.house) == "off" else set()
    unknown = form.keys() - ({field.json_name for field in fields_of(struct)} - lost)
    if unknown or "password" in form:
        raise click.UsageError(f"Accounts of this app have no field {', '.join(sorted(unknown) or ['password'])}.")
    read = wanted_of(read_form(struct, MultiDict(form | {"password": LATER})))
    return actions.judged(here.house, replace(read, password=None))


def _split(field: str) -> tuple[str, str]:
    name, equals, value = field.partition("=")
    if not equals or name in ("email", "username", "name"):
        raise click.UsageError("Write --field NAME=VALUE, with a field that your app has declared.")
    return name, value


def with_password(wanted: Wanted, from_stdin: bool) -> Wanted:
    """The same with a password that has been asked for."""
    words = [wanted.email, wanted.username, wanted.name]
    return replace(wanted, password=ask(from_stdin, lambda password: passwords.judge(here.house, password, words)))
