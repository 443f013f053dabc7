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
import re
import secrets
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, create_engine, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from rig.engines import engines_closed
from rig.required import lacking

KINDS = ("sqlite", "postgresql", "mariadb")
WAIT = 3  # seconds for a server to answer at all

Schema = Callable[[str], object]


class Databases(ABC):
    """Makes and drops the databases of one kind, for one test process."""

    def __init__(self) -> None:
        self._templates: dict[Schema, str] = {}

    @contextmanager
    def fresh(self, schema: Schema | None = None) -> Iterator[str]:
        """The address of a new database, filled by `schema`, that ends with the block."""
        name = self._filled(schema) if schema else self._empty()
        try:
            yield self.address(name)
        finally:
            self.drop(name)

    def close(self) -> None:
        for name in self._templates.values():
            self.drop(name)

    def _filled(self, schema: Schema) -> str:
        if schema not in self._templates:
            name = self._empty()
            with engines_closed():
                schema(self.address(name))
            self._templates[schema] = name
        return self.copy(self._templates[schema])

    def _empty(self) -> str:
        name = random_name()
        self.create(name)
        return name

    @abstractmethod
    def address(self, name: str) -> str: ...
    @abstractmethod
    def create(self, name: str) -> None: ...
    @abstractmethod
    def copy(self, template: str) -> str:
        """A database like this one; answers its name."""

    @abstractmethod
    def drop(self, name: str) -> None: ...


def random_name() -> str:
    return f"housekey_test_{secrets.token_hex(8)}"


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


class Server(Databases):
    """Databases on a server that runs already; `base` is its address."""

    def __init__(self, base: URL) -> None:
        super().__init__()
        self.base = base
        arguments = {"connect_timeout": WAIT}
        self.engine = create_engine(base, isolation_level="AUTOCOMMIT", connect_args=arguments, poolclass=NullPool)
        self.admin: Connection = self.engine.connect()

    def address(self, name: str) -> str:
        return self.base.set(database=name).render_as_string(hide_password=False)

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.admin.exec_driver_sql(statement)

    def close(self) -> None:
        super().close()
        self.admin.close()


class PostgreSQL(Server):
    def create(self, name: str) -> None:
        self.run(f"CREATE DATABASE {name} TEMPLATE template0")

    def copy(self, template: str) -> str:
        name = random_name()
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def drop(self, name: str) -> None:
        self.run(
            f"DROP DATABASE {name} WITH (FORCE)"
        )  # FORCE: a thread or server under test may still hold a connection


class MariaDB(Server):
    """MariaDB has no templates, and a table takes it 30 ms: the statements that made the tables are read once, and a
    database whose tables a test has left as they were is emptied for the next test."""

    def __init__(self, base: URL) -> None:
        super().__init__(base)
        self._tables: dict[str, dict[str, str]] = {}
        self._template_of: dict[str, str] = {}
        self._spare: dict[str, list[str]] = {}

    def create(self, name: str) -> None:
        self.run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")

    def copy(self, template: str) -> str:
        spare = self._spare.setdefault(template, [])
        return spare.pop() if spare else self._made(template)

    def _made(self, template: str) -> str:
        name = random_name()
        self.create(name)
        self._template_of[name] = template
        if template not in self._tables:
            self._tables[template] = self._read(template)
        self.run(f"USE {name}", "SET foreign_key_checks = 0", *self._tables[template].values())
        self._fill(name, template)
        return name

    def drop(self, name: str) -> None:
        template = self._template_of.get(name)
        if template is not None and self._read(name) == self._tables[template]:
            self._empty_tables(name)
            self._fill(name, template)
            self._spare[template].append(name)
        else:
            self._template_of.pop(name, None)
            self.run(f"DROP DATABASE {name}")

    def close(self) -> None:
        for name in self._template_of:
            self.run(f"DROP DATABASE {name}")
        super().close()

    def _read(self, name: str) -> dict[str, str]:
        """By table, the statement that makes it; without the number that comes next."""
        self.run(f"USE {name}")
        tables = self.admin.exec_driver_sql("SHOW TABLES").scalars().all()
        made = {table: self.admin.exec_driver_sql(f"SHOW CREATE TABLE `{table}`").one()[1] for table in tables}
        return {table: re.sub(r" AUTO_INCREMENT=\d+", "", statement) for table, statement in made.items()}

    def _empty_tables(self, name: str) -> None:
        """TRUNCATE is slow, and alone lets numbers begin at 1 again."""
        numbered = "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND auto_increment > 1"
        counted = set(self.admin.exec_driver_sql(numbered, (name,)).scalars())
        self.run("SET foreign_key_checks = 0")
        for table in self._tables[self._template_of[name]]:
            self.run(f"TRUNCATE `{name}`.`{table}`" if table in counted else f"DELETE FROM `{name}`.`{table}`")

    def _fill(self, name: str, template: str) -> None:
        for table in self._tables[template]:
            self.run(f"INSERT INTO `{name}`.`{table}` SELECT * FROM `{template}`.`{table}`")


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
