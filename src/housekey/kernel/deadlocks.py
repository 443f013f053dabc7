"""Errors of a database that say: nothing is wrong but the timing, try again."""

from __future__ import annotations

CODES = ("40P01", "40001", 1213, 1020)
"""PostgreSQL's deadlock and serialization failure, MariaDB's deadlock and changed row."""


def is_deadlock(error: BaseException) -> bool:
    """Whether an error of SQLAlchemy wraps one of them. The whole transaction is lost with it: on MariaDB the database
    has rolled it back already."""
    original = getattr(error, "orig", None)
    code = getattr(original, "sqlstate", None) or (getattr(original, "args", None) or (None,))[0]
    return code in CODES
