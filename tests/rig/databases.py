"""A fresh database for each test, on SQLite, PostgreSQL and MariaDB.

`database_url` runs a test on all three; `sqlite_url` only on SQLite, the quick choice where the database is not
the point. Both are empty, unless the test's module (or a conftest) overrides the fixture `schema` with a function
that takes an address and fills that database: it runs once, and each test gets a copy.

    @pytest.fixture
    def schema():
        return create_tables        # a function of a module, so that all tests share one template

To name the kinds: `@pytest.mark.parametrize("database_url", ["postgresql", "mariadb"], indirect=True)`.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from rig.engines import engines_closed
from rig.filling import Databases, Schema, random_name
from rig.mariadb import MariaDB
from rig.postgresql import PostgreSQL
from rig.required import lacking
from rig.servers import Server

KINDS = ("sqlite", "postgresql", "mariadb")


class SQLiteFiles(Databases):
    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite"

    def address(self, name: str) -> str:
        return f"sqlite:///{self.path(name)}"

    def create(self, name: str) -> None:
        pass  # the first connection makes the file

    def copy(self, template: str) -> str:
        name = random_name()
        with closing(sqlite3.connect(self.path(template))) as connection:
            connection.execute(
                "PRAGMA wal_checkpoint(TRUNCATE)"
            )  # what stands in the log would be missing from the copy
        shutil.copyfile(self.path(template), self.path(name))
        return name

    def drop(self, name: str) -> None:
        for file in self.folder.glob(f"{name}.sqlite*"):
            file.unlink()


SERVERS: dict[str, tuple[type[Server], str, str]] = {
    "postgresql": (PostgreSQL, "HOUSEKEY_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"),
    "mariadb": (MariaDB, "HOUSEKEY_TEST_MARIADB", "mariadb+pymysql://root@127.0.0.1:3306/"),
}


class Kinds:
    """The databases of each kind, connected when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._made: dict[str, Databases] = {"sqlite": SQLiteFiles(folder)}
        self._missing: dict[str, str] = {}

    def __getitem__(self, kind: str) -> Databases:
        if kind not in self._made and kind not in self._missing:
            self._connect(kind)
        if kind in self._missing:
            lacking(self._missing[kind])
        return self._made[kind]

    def _connect(self, kind: str) -> None:
        make, variable, default = SERVERS[kind]
        base = make_url(os.environ.get(variable, default))
        if "+" not in base.drivername:
            base = base.set(drivername=make_url(default).drivername)
        try:
            self._made[kind] = make(base)
        except OperationalError as error:
            self._missing[kind] = f"no {kind} at {base} ({variable}): {error.orig}"

    def close(self) -> None:
        for databases in self._made.values():
            databases.close()


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kinds]:
    """Every kind of database: `with databases["mariadb"].fresh() as url`."""
    kinds = Kinds(tmp_path_factory.mktemp("databases"))
    yield kinds
    kinds.close()


@pytest.fixture(autouse=True)
def _engines_closed() -> Iterator[None]:
    with engines_closed():
        yield


@pytest.fixture
def schema() -> Schema | None:
    """What fills a fresh database: nothing, unless a module or a conftest says otherwise."""
    return None


@pytest.fixture(params=[pytest.param(kind, marks=[pytest.mark.services] if kind in SERVERS else []) for kind in KINDS])
def database_url(request: pytest.FixtureRequest, databases: Kinds, schema: Schema | None) -> Iterator[str]:
    """The address of a fresh database, once on SQLite, once on PostgreSQL, once on MariaDB."""
    with databases[request.param].fresh(schema) as url, engines_closed():
        yield url


@pytest.fixture
def sqlite_url(databases: Kinds, schema: Schema | None) -> Iterator[str]:
    """The address of a fresh SQLite file."""
    with databases["sqlite"].fresh(schema) as url, engines_closed():
        yield url
