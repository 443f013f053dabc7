"""Ending sessions, with all that hangs on them. Needs no proof, so every verb may use it."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from housekey.house import Unit
from housekey.kernel import clock
from housekey.login import parking
from housekey.login.events import SessionEnded
from housekey.store import devices, sessions, users


def end_sessions(unit: Unit, why: str, *conditions: Any) -> int:
    """End the live sessions that match, tell the listeners, and say how many there were."""
    table = unit.tables["sessions"]
    live = sa.select(table.c.id, table.c.user_id).where(table.c.ended_at.is_(None), *conditions)
    found = unit.execute(live).all()
    if not found:
        return 0
    ids = [row.id for row in found]
    ended = sessions.end_ids(unit.session, unit.schema, why, ids)
    parking.end_step_ups(unit, ids)
    by_user: defaultdict[Any, list[str]] = defaultdict(list)
    for row in found:
        by_user[row.user_id].append(row.id)
    for user_id, mine in by_user.items():
        unit.publish(SessionEnded(user_id=user_id, session_ids=tuple(mine), why=why, at=clock.now()))
    return ended


def end_all(
    unit: Unit,
    user_id: Any,
    why: str,
    *,
    keep: str | None = None,
    forget_devices: bool = False,
    keep_device: str | None = None,
) -> int:
    """End all that this user was granted, save the session `keep`: sessions, parked attempts, later links."""
    version = users.raise_security_version(unit.session, unit.schema, user_id)
    table = unit.tables["sessions"]
    mine = [table.c.user_id == user_id] + ([table.c.id != keep] if keep else [])
    ended = end_sessions(unit, why, *mine)
    if keep:
        sessions.keep(unit.session, unit.schema, keep, version)
    if forget_devices:
        devices.forget(unit.session, unit.schema, user_id, keep_device)
    return ended
