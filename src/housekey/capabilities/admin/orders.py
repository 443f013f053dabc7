"""In which order users are listed, and where a page begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from housekey.errors import InvalidInput
from housekey.house import House
from housekey.store import paging
from housekey.store.schema import Schema

LONGEST = 255
"""Characters of a name that a cursor holds: all of any address, and of what most columns take. Where more people than a
page holds share all of it, the next page would begin with the first of them again."""
Place = tuple[Any, Any] | None


@dataclass(frozen=True)
class Order:
    """By the value of one column, and by the key where that is equal. `source` joins no more than it needs, and `key`
    is the column beside `value`, so that one index serves both; `everybody` is the key of the users, and a source that
    has those without the value, too."""

    name: str
    value: Any
    key: Any
    source: Any
    everybody: tuple[Any, Any]
    falling: bool

    def stretches(self, place: Place) -> Iterator[sa.Select[Any]]:
        """Those with a value, then those without, each from the place on."""
        columns = self.key.label("key"), self.value.label("value")
        if place is None or place[0] is not None:
            valued = sa.select(*columns).select_from(self.source).where(self.value.is_not(None))
            if place is not None:
                valued = valued.where(paging.behind((self.value, self.key), place, falling=self.falling))
            yield valued.order_by(*paging.ordered((self.value, self.key), falling=self.falling))
        users_key, everybody = self.everybody
        rest = sa.select(users_key.label("key"), sa.null().label("value")).select_from(everybody)
        rest = rest.where(self.value.is_(None))
        if place is not None and place[0] is None:
            rest = rest.where(paging.behind((users_key,), (place[1],), falling=self.falling))
        yield rest.order_by(*paging.ordered((users_key,), falling=self.falling))

    def cursor(self, row: Any) -> str:
        """The place of a row."""
        value = paging.ticks(row.value) if isinstance(row.value, datetime) else row.value
        return paging.cursor(self.name, value[:LONGEST] if isinstance(value, str) else value, str(row.key))

    def place(self, house: House, cursor: str) -> Place:
        """Raises `InvalidInput` for `after`."""
        if not cursor:
            return None
        by_time = self.name in TIMES
        name, value, key = paging.place(cursor, str, (int | None) if by_time else (str | None), str)
        user_id = house.store.parse_key(key)
        if name != self.name or user_id is None:
            raise InvalidInput.of("after", "invalid_format", paging.NO_CURSOR)
        return (paging.moment(value) if by_time and value is not None else value), user_id


TIMES = {"newest": ("created_at", True), "oldest": ("created_at", False), "last_login": ("last_login_at", True)}
"""Orders by a moment of the account, and whether the latest comes first."""


def order_of(schema: Schema, name: str) -> Order:
    """By its name; a host whose users have no such column gets the newest first."""
    table, accounts = schema.mapper.local_table, schema.tables["accounts"]
    if name not in TIMES and name in schema.mapper.columns:
        return Order(name, schema.mapper.columns[name], schema.key, table, (schema.key, table), falling=False)
    name = name if name in TIMES else "newest"
    moment, falling = TIMES[name]
    source = accounts.join(table, accounts.c.user_id == schema.key)
    everybody = table.outerjoin(accounts, accounts.c.user_id == schema.key)
    return Order(name, accounts.c[moment], accounts.c.user_id, source, (schema.key, everybody), falling)
