"""Locks that reach over processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import sqlalchemy as sa

from housekey.errors import ConfigurationError
from housekey.store.work import begin_immediate

LOCK_NAME = sa.func.md5(sa.func.concat("housekey_tables", sa.func.database()))
"""Of MariaDB, where such names are one for the whole server."""
LOCK_NUMBER = 0x686F7573
LOCK_WAIT_S = 60


@contextmanager
def alone(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction in which no other worker changes the schema: two that both see no table would both make it."""
    with engine.connect() as connection, LOCKS.get(engine.dialect.name, nullcontext)(connection):
        yield connection
        connection.commit()


def _lock_sqlite(connection: sa.Connection) -> AbstractContextManager[Any]:
    connection.begin()
    begin_immediate(connection)
    return nullcontext()


def _lock_postgresql(connection: sa.Connection) -> AbstractContextManager[Any]:
    """A stricter isolation of the host's engine would not see what the worker before us has made."""
    connection.execution_options(isolation_level="READ COMMITTED")
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK_NUMBER)))
    return nullcontext()


@contextmanager
def _lock_mariadb(connection: sa.Connection) -> Iterator[None]:
    """The lock belongs to the connection, not to a transaction: MariaDB commits at every change of the schema."""
    if connection.scalar(sa.select(sa.func.get_lock(LOCK_NAME, LOCK_WAIT_S))) != 1:
        raise ConfigurationError(f"Another process has been changing Housekey's tables for {LOCK_WAIT_S} s. Try again.")
    try:
        yield
    finally:
        connection.execute(sa.select(sa.func.release_lock(LOCK_NAME)))


LOCKS: dict[str, Callable[[sa.Connection], AbstractContextManager[Any]]] = {
    "sqlite": _lock_sqlite,
    "postgresql": _lock_postgresql,
    "mysql": _lock_mariadb,
    "mariadb": _lock_mariadb,
}
