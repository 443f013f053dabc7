"""Finding users by what they are called, their state and their roles; page by key, in one of several orders.

Two steps: the keys of a page first, from as few tables as the order and the filters need, then all about those fifty.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.admin.inputs import Search
from housekey.capabilities.admin.orders import Order, order_of
from housekey.capabilities.admin.states import condition
from housekey.capabilities.throttling import actions as throttling
from housekey.house import House
from housekey.store import users
from housekey.store.paging import Page
from housekey.store.schema import Schema
from housekey.store.users import NAMES, UserFacts

PAGE_SIZE = 50
COUNTED_TO = 1000
"""Beyond that nobody reads on; and to count all takes as long as to find them."""


@dataclass(frozen=True)
class Listed:
    """A user with the names of the roles, and whether failed logins lock the account now."""

    facts: UserFacts
    roles: tuple[str, ...] = ()
    locked: bool = False


def find(house: House, wanted: Search) -> Page[Listed]:
    """The users that fit, fifty of them. Raises `InvalidInput` for `after`."""
    schema, order = house.store.schema, order_of(house.store.schema, wanted.sort)
    fits = list(_fitting(house, wanted))
    with house.read() as connection:
        found = _keys(connection, order, fits, order.place(house, wanted.after), PAGE_SIZE + 1)
        shown = _listed(house, connection, schema, [row.key for row in found[:PAGE_SIZE]])
    return Page(shown, order.cursor(found[PAGE_SIZE - 1]) if len(found) > PAGE_SIZE else None)


def total(house: House, wanted: Search, page: Page[Listed]) -> int:
    """How many fit on all pages, counted up to one more than `COUNTED_TO`; `page` is the one that was found."""
    if not wanted.after and page.next is None:
        return len(page.rows)
    some = sa.select(house.store.schema.key).where(*_fitting(house, wanted)).limit(COUNTED_TO + 1).subquery()
    with house.read() as connection:
        return int(connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0)


def _keys(connection: Any, order: Order, fits: Sequence[Any], place: Any, limit: int) -> list[Any]:
    """Those who have what is sorted by, then those who haven't: databases disagree on where NULL stands."""
    rows: list[Any] = []
    for stretch in order.stretches(place):
        if len(rows) < limit:
            rows += connection.execute(stretch.where(*fits).limit(limit - len(rows))).all()
    return rows


def _listed(house: House, connection: Any, schema: Schema, keys: Sequence[Any]) -> list[Listed]:
    """In the order of the keys."""
    if not keys:
        return []
    rows = connection.execute(users.facts_query(schema).where(schema.key.in_(keys))).all()
    found = {user.id: user for user in map(users.facts, rows)}
    roles, locked = _roles_of(connection, schema, keys), set(connection.scalars(throttling.locked(house, keys)))
    return [Listed(found[key], tuple(roles[key]), key in locked) for key in keys if key in found]


def _fitting(house: House, wanted: Search) -> Iterator[sa.ColumnElement[bool]]:
    schema = house.store.schema
    if text := wanted.query.strip():
        yield _called(schema, text)
    if wanted.state:
        yield condition(house, wanted.state)
    if wanted.role:
        held = schema.tables["user_roles"]
        yield schema.key.in_(sa.select(held.c.user_id).where(held.c.role == wanted.role))


def _called(schema: Schema, text: str) -> sa.ColumnElement[bool]:
    """The signs % and _ in a query are letters like others. Keys of identifiers are lower case in every script, which
    SQLite's own comparison is in English letters only."""
    columns, identifiers = schema.mapper.columns, schema.tables["identifiers"]
    key = unicodedata.normalize("NFC", text).lower()
    bearers = sa.select(identifiers.c.user_id).where(identifiers.c.key.contains(key, autoescape=True))
    named = [columns[name].icontains(text, autoescape=True) for name in NAMES if name in columns]
    return sa.or_(schema.key.in_(bearers), *named)


def _roles_of(connection: Any, schema: Schema, ids: Sequence[Any]) -> defaultdict[Any, list[str]]:
    held = schema.tables["user_roles"]
    roles: defaultdict[Any, list[str]] = defaultdict(list)
    statement = sa.select(held.c.user_id, held.c.role).where(held.c.user_id.in_(ids)).order_by(held.c.role)
    for row in connection.execute(statement):
        roles[row.user_id].append(row.role)
    return roles


def some(house: House, keys: Sequence[str]) -> list[Listed]:
    """The users with these keys (`get_id()`), in their order; those who are gone are left out."""
    ids = [user_id for key in dict.fromkeys(keys) if (user_id := house.store.parse_key(key)) is not None]
    with house.read() as connection:
        return _listed(house, connection, house.store.schema, ids)


def one(house: House, key: str) -> Listed | None:
    """The user with this key, or None."""
    return next(iter(some(house, [key])), None)
