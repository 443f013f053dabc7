"""Finding users by a part of their name, username or address."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from housekey.house import House
from housekey.store import users
from housekey.store.schema import Schema
from housekey.store.users import NAMES, UserFacts

PAGE_SIZE = 50


@dataclass(frozen=True)
class Listed:
    """A user with the names of the roles."""

    facts: UserFacts
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """One page of users, and how many there are on all."""

    users: Sequence[Listed] = field(default=(), repr=False)
    total: int = 0
    page: int = 1

    @property
    def pages(self) -> int:
        """At least one."""
        return max(1, -(-self.total // PAGE_SIZE))


def find(house: House, query: str = "", page: int = 1) -> Found:
    """Users that `query` fits, the latest first; all for an empty one. A page past the end is empty."""
    schema = house.store.schema
    wanted, accounts = _fitting(schema, query.strip()), schema.tables["accounts"]
    rows = (
        users.facts_query(schema)
        .where(*wanted)
        .order_by(accounts.c.created_at.desc(), schema.key.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    with house.read() as connection:
        total = connection.scalar(sa.select(sa.func.count()).select_from(schema.mapper.local_table).where(*wanted))
        found = [users.facts(row) for row in connection.execute(rows)]
        roles = _roles_of(connection, schema, [user.id for user in found])
    return Found([Listed(user, tuple(roles[user.id])) for user in found], int(total or 0), page)


def _fitting(schema: Schema, query: str) -> list[sa.ColumnElement[bool]]:
    """The signs % and _ in a query are letters like others. Keys of identifiers are lower case in every script, which
    SQLite's own comparison is in English letters only."""
    if not query:
        return []
    columns, identifiers = schema.mapper.columns, schema.tables["identifiers"]
    key = unicodedata.normalize("NFC", query).lower()
    borne = sa.exists().where(identifiers.c.user_id == schema.key, identifiers.c.key.contains(key, autoescape=True))
    named = [columns[name].icontains(query, autoescape=True) for name in NAMES if name in columns]
    return [sa.or_(borne, *named)]


def _roles_of(connection: Any, schema: Schema, ids: Sequence[Any]) -> defaultdict[Any, list[str]]:
    held = schema.tables["user_roles"]
    roles: defaultdict[Any, list[str]] = defaultdict(list)
    statement = sa.select(held.c.user_id, held.c.role).where(held.c.user_id.in_(ids)).order_by(held.c.role)
    for row in connection.execute(statement) if ids else ():
        roles[row.user_id].append(row.role)
    return roles


def one(house: House, key: str) -> Listed | None:
    """The user with this key (`get_id()`), or None."""
    schema, user_id = house.store.schema, house.store.parse_key(key)
    if user_id is None:
        return None
    with house.read() as connection:
        user = users.by_id(connection, schema, user_id)
        roles = _roles_of(connection, schema, [user.id]) if user else {}
    return Listed(user, tuple(roles.get(user.id, ()))) if user else None
