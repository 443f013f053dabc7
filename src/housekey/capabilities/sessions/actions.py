"""Ending sessions: one's own, and, for an operator, everybody's."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa

from housekey import login
from housekey.errors import NotFound
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.store import sessions
from housekey.store.batches import BATCH, Progress
from housekey.store.sessions import SessionFacts

REVOKED = "revoked"
"""Why a session has ended that an operator ended."""


def own_sessions(house: House, user_id: Any) -> list[SessionFacts]:
    """The live sessions of a user, the latest first."""
    with house.read() as connection:
        return sessions.live(connection, house.store.schema, user_id)


def end_one(house: House, user_id: Any, session_id: str) -> None:
    """End one of the user's own sessions. Raises `NotFound`, for another person's too (flaw 47)."""

    def verb(unit: Any) -> int:
        table = unit.tables["sessions"]
        return login.end_sessions(unit, "ended_by_user", table.c.id == session_id, table.c.user_id == user_id)

    if house.run(verb) == 0:
        raise NotFound()


def end_others(house: House, user_id: Any, keep: str | None) -> int:
    """End all sessions of the user but `keep`; says how many there were."""

    def verb(unit: Any) -> int:
        table = unit.tables["sessions"]
        return login.end_sessions(unit, "ended_by_user", table.c.user_id == user_id, table.c.id != (keep or ""))

    return house.run(verb)


def everyones(house: House, limit: int, user_id: Any = None) -> list[SessionFacts]:
    """The live sessions of all users or of one, with their names, the latest first; at most `limit`."""
    schema = house.store.schema
    table, accounts = schema.tables["sessions"], schema.tables["accounts"]
    source = table.join(schema.mapper.local_table, schema.key == table.c.user_id).join(
        accounts, accounts.c.user_id == table.c.user_id
    )
    statement = (
        sa.select(*sessions.names_of(schema), *sessions.session_columns(schema))
        .select_from(source)
        .where(table.c.ended_at.is_(None), table.c.expires_at > clock.now())
        .order_by(table.c.last_seen_at.desc(), table.c.id)
        .limit(limit)
    )
    if user_id is not None:
        statement = statement.where(table.c.user_id == user_id)
    with house.read() as connection:
        rows = connection.execute(statement).mappings().all()
    return [sessions.facts(row, sessions.name_in(row)) for row in rows if sessions.judge(row, None)]


def revoke_one(house: House, session_id: str) -> None:
    """End anybody's session. Raises `NotFound` if there is none, or it has ended."""
    table = house.store.tables["sessions"]
    if house.run(lambda unit: login.end_sessions(unit, REVOKED, table.c.id == session_id)) == 0:
        raise NotFound(_("No session {id} is open.", id=session_id))


def revoke_user(house: House, user_id: Any) -> int:
    """End all sessions of a user, and whatever login is under way; says how many sessions there were."""
    return house.run(lambda unit: login.end_all(unit, user_id, REVOKED))


def revoke_all(house: House, progress: Progress) -> int:
    """End every session of every user, some hundreds at a time; says how many there were."""
    table = house.store.tables["sessions"]
    with house.read() as connection:
        ids = list(connection.scalars(sa.select(table.c.id).where(table.c.ended_at.is_(None))))
    ended = 0
    for start in range(0, len(ids), BATCH):
        ended += house.run(partial(_revoke, ids=ids[start : start + BATCH]))
        progress(min(start + BATCH, len(ids)), len(ids))
    return ended


def _revoke(unit: Unit, ids: list[str]) -> int:
    return login.end_sessions(unit, REVOKED, unit.tables["sessions"].c.id.in_(ids))
