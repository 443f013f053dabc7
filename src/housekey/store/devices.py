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
    devices = schema.tables["devices"]
    mine = (devices.c.token == tokens.digest(token)) & (devices.c.user_id == user_id)
    found: str | None = source.execute(sa.select(devices.c.id).where(mine)).scalar()
    return found


def is_known(source: Any, schema: Schema, device: str | None, family: str) -> bool:
    """Whether this browser still calls itself what it did at its last login; a stolen cookie doesn't make a thief's
    program a known device."""
    devices = schema.tables["devices"]
    same = (devices.c.id == device) & (devices.c.family == family)
    return source.execute(sa.select(devices.c.id).where(same)).first() is not None


def remember(session: Any, schema: Schema, user_id: Any, old: str | None, family: str) -> str:
    """Note that this browser has logged in; answers its new token (rotated at each login, for all its users)."""
    devices, token, moment = schema.tables["devices"], tokens.new_token(), clock.now()
    if old:
        mine = devices.c.token == tokens.digest(old)
        session.execute(sa.update(devices).where(mine).values(token=token.digest))
    here = (devices.c.token == token.digest) & (devices.c.user_id == user_id)
    seen = session.execute(sa.update(devices).where(here).values(last_seen_at=moment, family=family))
    if not seen.rowcount:
        row = {"token": token.digest, "user_id": user_id, "id": tokens.new_public_id(), "family": family}
        session.execute(sa.insert(devices).values(**row, created_at=moment, last_seen_at=moment))
    return token.secret


def forget(session: Any, schema: Schema, user_id: Any, keep: str | None = None) -> None:
    """No browser but `keep` (an id) counts as known to this account any more."""
    devices = schema.tables["devices"]
    session.execute(sa.delete(devices).where(devices.c.user_id == user_id, devices.c.id != (keep or "")))
