"""Moving windows: at most N requests in any stretch of time, exactly (a fixed window lets nearly twice as many
through at its edge).

Each window is one row that holds the times of its requests, at most N of them; so that counting takes one row lock
in the transaction that counts failures anyway.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey.errors import TooManyAttempts
from housekey.house import Unit
from housekey.kernel import clock


def enter(unit: Unit, key: bytes, limit: int, length: timedelta) -> None:
    """Count one request. Raises `TooManyAttempts` with the seconds to wait if the window is full; a request that is
    refused isn't counted."""
    moment = clock.now().timestamp()
    entries = _locked(unit, key)
    if entries is None:
        entries = _made(unit, key, length)
    recent = [entry for entry in entries if entry > moment - length.total_seconds()]
    if len(recent) >= limit:
        raise TooManyAttempts(retry_after=int(recent[-limit] + length.total_seconds() - moment) + 1)
    table = unit.tables["windows"]
    values = {"entries": [*recent, moment], "expires_at": clock.now() + length}
    unit.execute(sa.update(table).where(table.c.key == key).values(values))


def _locked(unit: Unit, key: bytes) -> list[float] | None:
    table = unit.tables["windows"]
    found: Any = unit.execute(sa.select(table.c.entries).where(table.c.key == key).with_for_update()).first()
    return list(found.entries) if found else None


def _made(unit: Unit, key: bytes, length: timedelta) -> list[float]:
    row = {"key": key, "entries": [], "expires_at": clock.now() + length}
    try:
        with unit.session.begin_nested():
            unit.execute(sa.insert(unit.tables["windows"]).values(row))
    except IntegrityError:
        return _locked(unit, key) or []
    return []


def forget(unit: Unit, key: bytes) -> None:
    """The window begins anew."""
    table = unit.tables["windows"]
    unit.execute(sa.delete(table).where(table.c.key == key))
