"""Counts of failures in the database: read under lock, changed, written, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey.capabilities.throttling.locks import Count
from housekey.house import Unit
from housekey.kernel import clock


def change(unit: Unit, key: bytes, user_id: Any, verb: Callable[[Count], Count | None]) -> None:
    """Apply `verb` to a count; None leaves it as it is. Parallel changes of one count wait for each other."""
    before = _locked(unit, key) or _begun(unit, key, user_id, verb)
    after = verb(before) if before is not None else None
    if after is not None:
        table = unit.tables["counters"]
        unit.execute(sa.update(table).where(table.c.key == key).values(asdict(after)))


def _locked(unit: Unit, key: bytes) -> Count | None:
    table = unit.tables["counters"]
    columns = table.c.failures, table.c.in_row, table.c.locked_until, table.c.updated_at
    row = unit.execute(sa.select(*columns).where(table.c.key == key).with_for_update()).first()
    return Count(**row._mapping) if row else None


def _begun(unit: Unit, key: bytes, user_id: Any, verb: Callable[[Count], Count | None]) -> Count | None:
    """Apply `verb` to a new count; the one that a parallel try has just made, if it came first."""
    none = Count(0, 0, None, clock.now())
    row = {"key": key, "user_id": user_id, **asdict(verb(none) or none)}
    try:
        with unit.session.begin_nested():
            unit.execute(sa.insert(unit.tables["counters"]), row)
    except IntegrityError:
        found = _locked(unit, key)
        if found is None:
            raise
        return found
    return None


def forget(unit: Unit, key: bytes) -> None:
    """A success: the count begins anew."""
    table = unit.tables["counters"]
    unit.execute(sa.delete(table).where(table.c.key == key))


def forget_user(unit: Unit, user_id: Any) -> None:
    """All counts of a user: the password was reset, or an operator has unlocked the account."""
    table = unit.tables["counters"]
    unit.execute(sa.delete(table).where(table.c.user_id == user_id))
