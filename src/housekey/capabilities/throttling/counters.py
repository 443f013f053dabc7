"""Counts of failures in the database: read under lock, changed, written, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.throttling.locks import Count
from housekey.house import Unit
from housekey.kernel import clock
from housekey.store.inserting import insert_or_find
from housekey.store.schema import Schema


def change(unit: Unit, key: bytes, user_id: Any, method: str, verb: Callable[[Count], Count | None]) -> None:
    """Apply `verb` to a count; None leaves it as it is. Parallel changes of one count wait for each other."""
    before = _locked(unit, key) or _begun(unit, key, user_id, method, verb)
    after = verb(before) if before is not None else None
    if after is not None:
        unit.execute(unit.schema.once(_changed), {"which": key, "method": method, **vars(after)})


def _locked(unit: Unit, key: bytes) -> Count | None:
    row = unit.execute(unit.schema.once(_count), {"which": key}).first()
    return Count(**row._mapping) if row else None


def _count(schema: Schema) -> sa.Select[Any]:
    table = schema.tables["counters"]
    columns = table.c.failures, table.c.in_row, table.c.locked_until, table.c.updated_at
    return sa.select(*columns).where(table.c.key == sa.bindparam("which")).with_for_update()


def _changed(schema: Schema) -> sa.Update:
    table = schema.tables["counters"]
    return sa.update(table).where(table.c.key == sa.bindparam("which"))


def _begun(unit: Unit, key: bytes, user_id: Any, method: str, verb: Callable[[Count], Count | None]) -> Count | None:
    """Apply `verb` to a new count; the one that a parallel try has just made, if it came first."""
    none = Count(0, 0, None, clock.now())
    row = {"key": key, "user_id": user_id, "method": method, **vars(verb(none) or none)}
    return insert_or_find(unit.session, unit.tables["counters"], row, lambda: _locked(unit, key))


def forget(unit: Unit, key: bytes) -> None:
    """A success: the count begins anew."""
    unit.execute(unit.schema.once(_forgotten), {"which": key})


def _forgotten(schema: Schema) -> sa.Delete:
    table = schema.tables["counters"]
    return sa.delete(table).where(table.c.key == sa.bindparam("which"))


def forget_user(unit: Unit, user_id: Any, method: str | None = None) -> None:
    """The counts of a user: all, since an operator has unlocked the account, or those of one method."""
    table = unit.tables["counters"]
    which = sa.true() if method is None else table.c.method == method
    unit.execute(sa.delete(table).where(table.c.user_id == user_id, which))
