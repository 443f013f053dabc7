"""Moving windows: at most N requests in any stretch of time, exactly (a fixed window lets nearly twice as many
through at its edge).

Each window is one row that holds the times of its requests, at most N of them; so that counting takes one row lock
in the transaction that counts failures anyway.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

import sqlalchemy as sa

from housekey.errors import TooManyAttempts
from housekey.house import Unit
from housekey.kernel import clock
from housekey.store.inserting import insert_or_find
from housekey.store.schema import Schema


def enter(unit: Unit, keys: Sequence[bytes], limit: int, length: timedelta) -> None:
    """Count one request under the first of `keys`; under the others it may have been counted before the SECRET_KEY
    changed. Raises `TooManyAttempts` with the seconds to wait if the window is full; a request that is
    refused isn't counted."""
    moment = clock.now().timestamp()
    entries = _locked(unit, keys)
    if entries is None:
        entries = _made(unit, keys, length)
    recent = [entry for entry in entries if entry > moment - length.total_seconds()]
    if len(recent) >= limit:
        raise TooManyAttempts(retry_after=int(recent[-limit] + length.total_seconds() - moment) + 1)
    changed = {"which": keys[0], "entries": [*recent, moment], "expires_at": clock.now() + length}
    unit.execute(unit.schema.once(_changed), changed)


def _locked(unit: Unit, keys: Sequence[bytes]) -> list[float] | None:
    found = unit.execute(unit.schema.once(_windows), {"which": list(keys)}).all()
    entries: list[float] = sorted(chain.from_iterable(row.entries for row in found))
    if any(row.key != keys[0] for row in found):
        _move(unit, keys, entries, found[0].expires_at)
    return entries if found else None


def _windows(schema: Schema) -> sa.Select[Any]:
    table = schema.tables["windows"]
    mine = table.c.key.in_(sa.bindparam("which", expanding=True))
    return sa.select(table).where(mine).order_by(table.c.key).with_for_update()


def _changed(schema: Schema) -> sa.Update:
    table = schema.tables["windows"]
    return sa.update(table).where(table.c.key == sa.bindparam("which"))


def _move(unit: Unit, keys: Sequence[bytes], entries: list[float], expires_at: datetime) -> None:
    """All under the key in use, so that the fallback may go."""
    table = unit.tables["windows"]
    unit.execute(sa.delete(table).where(table.c.key.in_(keys)))
    unit.execute(sa.insert(table).values(key=keys[0], entries=entries, expires_at=expires_at))


def _made(unit: Unit, keys: Sequence[bytes], length: timedelta) -> list[float]:
    row = {"key": keys[0], "entries": [], "expires_at": clock.now() + length}
    return insert_or_find(unit.session, unit.tables["windows"], row, lambda: _locked(unit, keys)) or []


def forget(unit: Unit, keys: Sequence[bytes]) -> None:
    """The window begins anew."""
    table = unit.tables["windows"]
    unit.execute(sa.delete(table).where(table.c.key.in_(keys)))
