"""Counts of failures in the database: read under lock, changed, written, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey.capabilities.throttling.locks import Count
from housekey.house import Unit
from housekey.kernel import clock


def change(unit: Unit, key: bytes, user_id: Any, verb: Callable[[Count], Count | None]) -> None:
    """Apply `verb` to a count; None leaves it as it is. Parallel changes of one count wait for each other."""
    table = unit.tables["counters"]
    before = _locked(unit, key) or _made(unit, key, user_id)
    after = verb(before)
    if after is not None:
        values = {
            "failures": after.failures,
            "in_row": after.in_row,
            "locked_until": after.locked_until,
            "updated_at": after.updated_at,
        }
        unit.execute(sa.update(table).where(table.c.key == key).values(values))


def _locked(unit: Unit, key: bytes) -> Count | None:
    table = unit.tables["counters"]
    columns = table.c.failures, table.c.in_row, table.c.locked_until, table.c.updated_at
    row = unit.execute(sa.select(*columns).where(table.c.key == key).with_for_update()).first()
    return Count(**row._mapping) if row else None


def _made(unit: Unit, key: bytes, user_id: Any) -> Count:
    """A new row, or the one that a parallel try has just made."""
    row = {"key": key, "user_id": user_id, "failures": 0, "in_row": 0, "updated_at": clock.now()}
    try:
        with unit.session.begin_nested():
            unit.execute(sa.insert(unit.tables["counters"]).values(row))
    except IntegrityError:
        found = _locked(unit, key)
        if found is None:
            raise
        return found
    return Count(0, 0, None, row["updated_at"])


def forget(unit: Unit, key: bytes) -> None:
    """A success: the count begins anew."""
    table = unit.tables["counters"]
    unit.execute(sa.delete(table).where(table.c.key == key))


def forget_user(unit: Unit, user_id: Any) -> None:
    """All counts of a user: the password was reset, or an operator has unlocked the account."""
    table = unit.tables["counters"]
    unit.execute(sa.delete(table).where(table.c.user_id == user_id))
