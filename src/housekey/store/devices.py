"""Browsers that have logged in to an account before. Knowing one grants nothing."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from housekey.kernel import clock, tokens
from housekey.store.schema import Schema


def known(source: Any, schema: Schema, user_id: Any, token: str | None) -> str | None:
    """The id of this browser if it has logged in to this account before."""
    if not token:
        return None
    asked = {"asked": tokens.digest(token), "whose": user_id}
    found: str | None = source.execute(schema.once(_known), asked).scalar()
    return found


def _known(schema: Schema) -> sa.Select[Any]:
    devices = schema.tables["devices"]
    mine = (devices.c.token == sa.bindparam("asked")) & (devices.c.user_id == sa.bindparam("whose"))
    return sa.select(devices.c.id).where(mine)


def remember(
    session: Any, schema: Schema, user_id: Any, device: str | None, *, old: str | None, family: str
) -> tuple[str, bool]:
    """Note that this browser has logged in. Answers its new token (rotated at each login, for all its users), and
    whether `device` still calls itself what it did at its last login: a stolen cookie doesn't make a thief's program a
    known device."""
    token, moment = tokens.new_token(), clock.now()
    called = session.execute(schema.once(_family), {"device": device}).scalar() if device else None
    told = {"old": tokens.digest(old or ""), "new": token.digest, "device": device, "called": family, "now": moment}
    rotated = session.execute(schema.once(_rotated), told).rowcount if old else 0
    if called is None or not rotated:  # forgotten, or rotated by a parallel login, since the attempt began
        same = device or tokens.new_public_id()  # else whoever logs in twice at once gets new tries by it
        row = {"token": token.digest, "user_id": user_id, "id": same, "family": family}
        session.execute(sa.insert(schema.tables["devices"]), {**row, "created_at": moment, "last_seen_at": moment})
    return token.secret, called == family


def _family(schema: Schema) -> sa.Select[Any]:
    devices = schema.tables["devices"]
    return sa.select(devices.c.family).where(devices.c.id == sa.bindparam("device"))


def _rotated(schema: Schema) -> sa.Update:
    """All rows of a browser get the new token; the one of the user who logs in, what else is new."""
    devices = schema.tables["devices"]
    mine = devices.c.id == sa.bindparam("device")
    seen, called = devices.c.last_seen_at, devices.c.family
    changed = {
        devices.c.token: sa.bindparam("new"),
        seen: sa.case((mine, sa.bindparam("now", type_=seen.type)), else_=seen),
        called: sa.case((mine, sa.bindparam("called", type_=called.type)), else_=called),
    }
    return sa.update(devices).where(devices.c.token == sa.bindparam("old")).values(changed)


def forget(session: Any, schema: Schema, user_id: Any, keep: str | None = None) -> None:
    """No browser but `keep` (an id) counts as known to this account any more."""
    devices = schema.tables["devices"]
    session.execute(sa.delete(devices).where(devices.c.user_id == user_id, devices.c.id != (keep or "")))
