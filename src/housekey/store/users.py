"""Reads and writes of users that the road and the capabilities share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from housekey.kernel import clock
from housekey.kernel.names import email_key, identifier_key
from housekey.store import identifiers, user_sync
from housekey.store.schema import Schema


@dataclass(frozen=True)
class UserFacts:
    """What the road needs to know about a user; never the host's object."""

    id: Any
    name: str
    email: str | None
    username: str | None
    email_verified_at: datetime | None
    security_version: int
    disabled_at: datetime | None
    created_at: datetime | None
    last_login_at: datetime | None
    language: str | None
    time_zone: str | None
    frozen_at: datetime | None
    closing_at: datetime | None
    erasing_failed_at: datetime | None

    @property
    def is_shut(self) -> bool:
        """Whether nobody can log in: disabled by those who run the site, or frozen by the owner."""
        return self.disabled_at is not None or self.frozen_at is not None

    @property
    def key(self) -> str:
        """The user's key as text, as `get_id()` and JSON show it."""
        return str(self.id)


NAMES = ("name", "username", "email")
_STATE = (
    "disabled_at", "created_at", "last_login_at", "language", "time_zone", "frozen_at", "closing_at",
    "erasing_failed_at",
)  # fmt: skip


def name_columns(schema: Schema) -> list[sa.ColumnElement[Any]]:
    """`name`, `username` and `email` of the host's model, NULL where it has no such column."""
    columns = schema.mapper.columns
    return [(columns[n] if n in columns else sa.null()).label(n) for n in NAMES]


def display_name(name: str | None, username: str | None, email: str | None) -> str:
    """What to call a person: never empty, and never more of the address than the part before the @."""
    return name or username or (email or "").partition("@")[0] or "?"


def facts_query(schema: Schema) -> sa.Select[Any]:
    """Selects what `facts` needs; add a WHERE."""
    accounts, identifiers = schema.tables["accounts"], schema.tables["identifiers"]
    verified = (
        sa.select(sa.func.max(identifiers.c.verified_at))
        .where(identifiers.c.user_id == schema.key, identifiers.c.kind == "email")
        .scalar_subquery()
        .label("email_verified_at")
    )
    state = [accounts.c[n] for n in _STATE]
    version = sa.func.coalesce(accounts.c.security_version, 0).label("security_version")
    source = schema.mapper.local_table.outerjoin(accounts, accounts.c.user_id == schema.key)
    return sa.select(schema.key.label("id"), *name_columns(schema), verified, version, *state).select_from(source)


def facts(row: Any) -> UserFacts:
    """A row of `facts_query`."""
    values = dict(row._mapping)
    return UserFacts(**values | {"name": display_name(*(values[n] for n in NAMES))})


def by_id(source: Any, schema: Schema, user_id: Any) -> UserFacts | None:
    """`source` is a connection or a session."""
    row = source.execute(schema.once(_by_id), {"wanted": user_id}).first()
    return facts(row) if row else None


def _by_id(schema: Schema) -> sa.Select[Any]:
    return facts_query(schema).where(schema.key == sa.bindparam("wanted"))


def by_identifier(source: Any, schema: Schema, text: str) -> UserFacts | None:
    """Who bears this address or username."""
    _kind, key = identifier_key(text)
    row = source.execute(schema.once(_by_identifier), {"wanted": key}).first()
    return facts(row) if row else None


def _by_identifier(schema: Schema) -> sa.Select[Any]:
    identifiers = schema.tables["identifiers"]
    bearer = sa.select(identifiers.c.user_id).where(identifiers.c.key == sa.bindparam("wanted")).scalar_subquery()
    return facts_query(schema).where(schema.key == bearer)


def lock(session: Any, schema: Schema, user_id: Any) -> UserFacts | None:
    """Read a user under a row lock that lasts to the end of the transaction.

    The lock is on the account row, which every change of state writes; a user that the host inserted behind
    SQLAlchemy's back gets one first.
    """
    if session.execute(schema.once(_locked), {"wanted": user_id}).first() is None:
        _adopt(session, schema, user_id)
    return by_id(session, schema, user_id)


def lock_at_login(session: Any, schema: Schema, user_id: Any) -> UserFacts | None:
    """As `lock`, by the statement that notes the time of this login: one round trip less."""
    noted = {"whose": user_id, "now": clock.now()}
    if not session.execute(schema.once(_noted), noted).rowcount:
        _adopt(session, schema, user_id)
        session.execute(schema.once(_noted), noted)
    return by_id(session, schema, user_id)


def _adopt(session: Any, schema: Schema, user_id: Any) -> None:
    columns = schema.key, *identifiers.name_columns(schema)
    found = session.execute(sa.select(*columns).where(schema.key == user_id)).all()
    user_sync.adopt(session.connection(bind_arguments={"mapper": schema.mapper}), schema, found)


def _noted(schema: Schema) -> sa.Update:
    accounts = schema.tables["accounts"]
    mine = accounts.c.user_id == sa.bindparam("whose")
    return sa.update(accounts).where(mine).values(last_login_at=sa.bindparam("now"))


def _locked(schema: Schema) -> sa.Select[Any]:
    accounts = schema.tables["accounts"]
    return sa.select(accounts.c.user_id).where(accounts.c.user_id == sa.bindparam("wanted")).with_for_update()


def raise_security_version(session: Any, schema: Schema, user_id: Any) -> int:
    """End all that was granted to this user before: sessions, attempts and links hold the version they began with."""
    accounts = schema.tables["accounts"]
    user = lock(session, schema, user_id)
    version = (user.security_version if user else 0) + 1
    session.execute(sa.update(accounts).where(accounts.c.user_id == user_id).values(security_version=version))
    return version


def mark_verified(session: Any, schema: Schema, user_id: Any, email: str) -> bool:
    """Note that the owner of the address has shown that its mail is read; whether that is news."""
    table = schema.tables["identifiers"]
    mine = (table.c.user_id == user_id) & (table.c.key == email_key(email)) & table.c.verified_at.is_(None)
    return bool(session.execute(sa.update(table).where(mine).values(verified_at=clock.now())).rowcount)


def bears(source: Any, schema: Schema, user: UserFacts, email: str) -> bool:
    """Whether this is the user's address, or a further one of the user's."""
    key, table = email_key(email), schema.tables["identifiers"]
    if user.email and email_key(user.email) == key:
        return True
    further = (table.c.key == key) & (table.c.user_id == user.id) & (table.c.kind == identifiers.FURTHER)
    return source.execute(sa.select(table.c.key).where(further)).first() is not None


def set_disabled(session: Any, schema: Schema, user_id: Any, disabled: bool) -> None:
    """Shut a user out, or let the user in again."""
    _set(session, schema, user_id, disabled_at=clock.now() if disabled else None)


def set_frozen(session: Any, schema: Schema, user_id: Any, frozen: bool) -> None:
    """Note that the owner has shut the account, or that this is lifted."""
    _set(session, schema, user_id, frozen_at=clock.now() if frozen else None)


def set_closing(
    session: Any, schema: Schema, user_id: Any, at: datetime | None, failed_at: datetime | None = None
) -> None:
    """Note when the account is to be erased, None for never; and since when that was tried in vain."""
    _set(session, schema, user_id, closing_at=at, erasing_failed_at=failed_at)


def _set(session: Any, schema: Schema, user_id: Any, **values: datetime | None) -> None:
    accounts = schema.tables["accounts"]
    session.execute(sa.update(accounts).where(accounts.c.user_id == user_id).values(values))
