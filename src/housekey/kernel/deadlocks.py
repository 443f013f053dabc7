"""Errors of a database that say: nothing is wrong but the timing, try again."""

from __future__ import annotations

CODES = ("40P01", "40001", 1213, 1020, 1305)
"""PostgreSQL's deadlock and serialization failure, MariaDB's deadlock and changed row; and the savepoint that is there
no more: it went with the transaction, and leaving it hides the deadlock."""

BUSY = ("55P03", 1205)
"""PostgreSQL and MariaDB gave up waiting for a lock; SQLite says so by a name."""


def is_deadlock(error: BaseException) -> bool:
    """Whether an error of SQLAlchemy wraps one of them. The whole transaction is lost with it: on MariaDB the database
    has rolled it back already."""
    return not _codes(error).isdisjoint(CODES)


def is_timing(error: BaseException) -> bool:
    """Whether it is a deadlock, a lock that somebody else holds, or a connection that was lost."""
    name = str(getattr(getattr(error, "orig", None), "sqlite_errorname", ""))
    waits = not _codes(error).isdisjoint(BUSY) or name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    return waits or is_deadlock(error) or bool(getattr(error, "connection_invalidated", False))


def _codes(error: BaseException) -> set[object]:
    """The driver's own number and the standard's SQLSTATE: PyMySQL tells both since 1.2, and of MariaDB the
    latter is often only "a general error"."""
    original = getattr(error, "orig", None)
    return {getattr(original, "sqlstate", None), *getattr(original, "args", ())[:1]}
