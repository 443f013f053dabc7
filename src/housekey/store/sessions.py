"""Reads and endings of sessions. Opening one is not here: only `login/issuer.py` inserts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from housekey.kernel import clock
from housekey.store.schema import Schema
from housekey.store.users import NAMES, UserFacts, display_name, name_columns

COLUMNS = (
    "id", "user_id", "security_version", "proofs", "auth_time", "created_at", "last_seen_at", "idle_seconds",
    "expires_at", "remember", "address", "user_agent", "boot", "aal2_ended_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A live session and the little about its user that every request needs."""

    id: str
    user_id: Any
    security_version: int
    proofs: list[dict[str, Any]]
    auth_time: datetime
    created_at: datetime
    last_seen_at: datetime
    idle_seconds: int
    expires_at: datetime
    remember: bool
    address: str
    user_agent: str
    boot: str
    aal2_ended_at: datetime | None
    user_name: str
    language: str | None
    """The user's own wish, if any."""

    def ends_at(self) -> datetime:
        """When it ends if nobody comes back."""
        return min(self.expires_at, self.last_seen_at + timedelta(seconds=self.idle_seconds))


def session_columns(schema: Schema) -> list[sa.ColumnElement[Any]]:
    """The columns of `SessionFacts`, and what says whether the user is still welcome."""
    sessions, accounts = schema.tables["sessions"], schema.tables["accounts"]
    state = [accounts.c.security_version.label("version_now"), accounts.c.disabled_at, accounts.c.frozen_at]
    state += [accounts.c.language]
    return [*(sessions.c[c] for c in COLUMNS), *state]


def recognition(schema: Schema, *what: Any) -> sa.Select[Any]:
    """The one indexed read that judges a request's token: bind `token`. `what` is selected besides."""
    sessions, accounts = schema.tables["sessions"], schema.tables["accounts"]
    source = sessions.join(schema.mapper.local_table, schema.key == sessions.c.user_id).join(
        accounts, accounts.c.user_id == sessions.c.user_id
    )
    mine = (sessions.c.token == sa.bindparam("token")) & sessions.c.ended_at.is_(None)
    return sa.select(*what, *session_columns(schema)).select_from(source).where(mine)


def names_of(schema: Schema) -> list[sa.ColumnElement[Any]]:
    """The user's names, for reads that don't load the whole `User`."""
    return [column.label("user_" + str(column.name)) for column in name_columns(schema)]


def judge(values: Any, boot: str | None) -> bool:
    """Whether a row of `recognition` still opens anything (`values`: columns by name)."""
    return (
        values["disabled_at"] is None
        and values["frozen_at"] is None
        and values["security_version"] == values["version_now"]
        and not has_run_out(values)
        and (boot is None or values["boot"] == boot)
    )


def has_run_out(values: Any) -> bool:
    """Whether a session is past its last hour, or has rested for too long."""
    moment = clock.now()
    rested = (moment - values["last_seen_at"]).total_seconds()
    return bool(moment >= values["expires_at"] or rested >= values["idle_seconds"])


def facts(values: Any, user_name: str) -> SessionFacts:
    """A row of `recognition` as facts."""
    columns: list[Any] = [values[c] for c in COLUMNS]
    return SessionFacts(*columns, user_name, values["language"])  # type: ignore[call-arg]  # COLUMNS are its fields


def name_in(values: Any) -> str:
    """What to call the user of a row that selected `names_of`."""
    return display_name(*(values["user_" + name] for name in NAMES))


def touch(session: Any, schema: Schema, session_id: str, rest: timedelta) -> None:
    """Note that the browser was here; and if that was after a longer `rest`, that AAL2 ended with it: this request
    makes the session look used, and the next one must not find it as good as new.

    In this order: MariaDB judges a row by what the same statement has set already."""
    sessions, moment = schema.tables["sessions"], clock.now()
    live = (sessions.c.id == session_id) & sessions.c.ended_at.is_(None)
    ended = sa.case((sessions.c.last_seen_at < moment - rest, moment), else_=sessions.c.aal2_ended_at)
    seen = sa.update(sessions).where(live)
    session.execute(seen.ordered_values((sessions.c.aal2_ended_at, ended), (sessions.c.last_seen_at, moment)))


def live(source: Any, schema: Schema, user_id: Any) -> list[SessionFacts]:
    """The sessions of a user that open something now, the latest first."""
    sessions, accounts = schema.tables["sessions"], schema.tables["accounts"]
    statement = (
        sa.select(*session_columns(schema))
        .select_from(sessions.join(accounts, accounts.c.user_id == sessions.c.user_id))
        .where(sessions.c.user_id == user_id, sessions.c.ended_at.is_(None), sessions.c.expires_at > clock.now())
        .order_by(sessions.c.last_seen_at.desc(), sessions.c.id)
    )
    rows = source.execute(statement).mappings()
    return [facts(row, "") for row in rows if judge(row, None)]


def still_opens(source: Any, schema: Schema, session_id: str | None, user: UserFacts | None) -> bool:
    """Whether a session opens the account of a user who is locked. The page was opened to it before the lock: it may
    have been ended since, by the owner of the account."""
    if user is None or user.is_shut:
        return False
    sessions = schema.tables["sessions"]
    mine = (sessions.c.id == session_id) & (sessions.c.user_id == user.id) & sessions.c.ended_at.is_(None)
    return bool(source.execute(sa.select(sessions.c.security_version).where(mine)).scalar() == user.security_version)


def end(session: Any, schema: Schema, why: str, *conditions: Any) -> int:
    """End the sessions that match and are not ended; says how many. `why` is one word for the record."""
    sessions = schema.tables["sessions"]
    statement = sa.update(sessions).where(sessions.c.ended_at.is_(None), *conditions)
    return int(session.execute(statement.values(ended_at=clock.now(), ended_why=why)).rowcount)


def end_ids(session: Any, schema: Schema, why: str, ids: Iterable[str]) -> int:
    """End these sessions."""
    return end(session, schema, why, schema.tables["sessions"].c.id.in_(list(ids)))


def keep(session: Any, schema: Schema, session_id: str, version: int) -> None:
    """Carry one session over a raise of `security_version`: the one in which the person made the change."""
    sessions = schema.tables["sessions"]
    session.execute(sa.update(sessions).where(sessions.c.id == session_id).values(security_version=version))
