"""Inserting a row that a parallel transaction may be inserting, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

T = TypeVar("T")


def insert_or_find(session: Session, table: sa.Table, row: dict[str, Any], find: Callable[[], T | None]) -> T | None:
    """Insert a row and answer None; if another transaction was first, answer what `find` reads of its row. Raises
    `IntegrityError` if something else is wrong with the row.

    Without a savepoint, which would cost two statements more: SQLite and MariaDB take back only the statement that
    has failed, and PostgreSQL, where an error ends the transaction, has a word for it.
    """
    if session.get_bind(clause=table).dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # 30 ms at import, where it is spoken alone

        quietly = postgresql.insert(table).on_conflict_do_nothing(index_elements=table.primary_key.columns)
        inserted = session.execute(quietly.returning(sa.literal(1)), row)  # its driver counts no inserted rows
        return None if inserted.first() is not None else find()
    try:
        session.execute(sa.insert(table), row)
    except IntegrityError:
        found = find()
        if found is None:
            raise
        return found
    return None
