"""Databases of PostgreSQL; it has templates, and says in its catalogues whether a table was changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from rig.filling import random_name
from rig.servers import Server

CATALOGUES = ("pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_trigger", "pg_namespace", "pg_type")
SHAPE = "SELECT " + ", ".join(f"(SELECT (count(*), max(xmin::text::bigint))::text FROM {name})" for name in CATALOGUES)
SEQUENCES = "SELECT quote_ident(schemaname) || '.' || quote_ident(sequencename), last_value FROM pg_sequences"
OTHERS_OUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


class PostgreSQL(Server):
    def __init__(self, base: URL) -> None:
        super().__init__(base)
        self._copies: dict[str, Copy] = {}
        self._spare: dict[str | None, list[str]] = {}

    def create(self, name: str) -> None:
        self._make(name, "template0")

    def copy(self, template: str | None) -> str:
        spare = self._spare.setdefault(template, [])
        if spare:
            return spare.pop()
        name = random_name()
        self._make(name, template or "template0")
        engine = create_engine(self.address(name), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self._copies[name] = Copy(engine.connect(), template)
        return name

    def blank(self) -> str:
        return self.copy(None)

    def drop(self, name: str) -> None:
        copy = self._copies.get(name)
        if copy is not None and copy.restored():
            self._spare[copy.template].append(name)
        else:
            self._end(name)

    def close(self) -> None:
        for name in list(self._copies):
            self._end(name)
        super().close()

    def _make(self, name: str, template: str) -> None:
        """A crash of the server may cost a test its last commits: nothing here outlives one."""
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}", f"ALTER DATABASE {name} SET synchronous_commit TO off")

    def _end(self, name: str) -> None:
        """A thread or a server under test may still hold a connection, hence FORCE."""
        if copy := self._copies.pop(name, None):
            copy.connection.close()
        self.run(f"DROP DATABASE {name} WITH (FORCE)")


class Copy:
    """A database of PostgreSQL, and what it takes to make it again what it was."""

    def __init__(self, connection: Connection, template: str | None) -> None:
        self.connection, self.template = connection, template
        tables = connection.exec_driver_sql("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        self._tables = list(tables.scalars())
        self._rows = {table: rows for table in self._tables if (rows := self._read(table))}
        self._sequences = connection.exec_driver_sql(SEQUENCES).all()
        self._shape = self._read_shape()

    def restored(self) -> bool:
        """Whether it is as it was; if not, it is of no more use."""
        try:
            self.connection.exec_driver_sql(OTHERS_OUT)
            if self._read_shape() != self._shape:
                return self.template is None and self._emptied()
            self._refill()
        except DBAPIError:
            return False
        return True

    def _emptied(self) -> bool:
        self.connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        self._shape = self._read_shape()
        return True

    def _refill(self) -> None:
        deletes = "".join(f"DELETE FROM {table};" for table in self._tables)
        numbers = "".join(
            f"SELECT setval('{name}', {last or 1}, {last is not None});" for name, last in self._sequences
        )
        self.connection.exec_driver_sql(
            f"SET session_replication_role = replica; {deletes} {numbers}"
        )  # no foreign keys
        for table, rows in self._rows.items():
            with self._cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as into:
                into.write(rows)

    def _read(self, table: str) -> bytes:
        with self._cursor() as cursor, cursor.copy(f"COPY {table} TO STDOUT") as out:
            return b"".join(out)

    def _cursor(self) -> Any:
        return self.connection.connection.driver_connection.cursor()  # type: ignore[union-attr]

    def _read_shape(self) -> Any:
        """Whatever changes a table, an index or a constraint writes its rows in these catalogues anew."""
        return self.connection.exec_driver_sql(SHAPE).one()
