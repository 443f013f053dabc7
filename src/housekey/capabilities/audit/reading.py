"""Reading the log: filters, and pages by key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.audit.tables import object_in
from housekey.house import House
from housekey.store import paging
from housekey.store.batches import BATCH

CURSOR = re.compile(r"([0-9]{1,17})-([0-9]{1,9})-([0-9]{1,9})")
COLUMNS = (
    "segment", "position", "at", "event", "owasp", "outcome", "reason", "actor_kind", "actor", "subject", "session",
    "details", "address", "personal",
)  # fmt: skip


@dataclass(frozen=True)
class Recorded:
    """An entry as it is read. `personal` is empty once it was erased."""

    segment: int
    position: int
    at: datetime
    event: str
    owasp: str | None
    outcome: str
    reason: str | None
    actor_kind: str
    actor: str | None
    subject: str | None
    session: str | None
    details: dict[str, Any]
    address: str | None
    personal: dict[str, Any]

    @property
    def cursor(self) -> str:
        """Names the place of the entry among all, for the next page."""
        return f"{paging.ticks(self.at)}-{self.segment}-{self.position}"

    @property
    def user_agent(self) -> str:
        return str(self.personal.get("user_agent", ""))


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which entries are wanted. `user` is a key as text: on whose account it happened, or who did it. `before` or
    `after` is the cursor of the last entry that was read."""

    user: str | None = None
    subject: str | None = None
    event: str | None = None
    outcome: str | None = None
    address: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: str | None = None
    after: str | None = None


def is_cursor(text: str) -> bool:
    return CURSOR.fullmatch(text) is not None


def read(house: House, wanted: Filter, limit: int, *, oldest_first: bool = False) -> list[Recorded]:
    """Entries that fit, the latest first or the oldest first."""
    table = house.store.tables["audit_entries"]
    statement = sa.select(*(table.c[name] for name in COLUMNS)).where(*_conditions(table, wanted))
    statement = statement.order_by(*paging.ordered(_order(table), falling=not oldest_first))
    with house.read() as connection:
        rows = connection.execute(statement.limit(limit)).mappings().all()
    return [_recorded(row) for row in rows]


def how_many(source: Any, house: House, event: str, *, since: datetime, at_most: int) -> int:
    """How many such events the log holds since then; more than `at_most` aren't counted. `source` executes."""
    table = house.store.tables["audit_entries"]
    found = sa.select(table.c.at).where(table.c.event == event, table.c.at > since).limit(at_most).subquery()
    return int(source.execute(sa.select(sa.func.count()).select_from(found)).scalar_one())


def read_all(house: House, wanted: Filter) -> Iterator[Recorded]:
    """All of them, the oldest first, some hundreds at a time."""
    while found := read(house, wanted, BATCH, oldest_first=True):
        yield from found
        wanted = replace(wanted, after=found[-1].cursor)


def _recorded(row: Any) -> Recorded:
    values = dict(row)
    values["details"], values["personal"] = object_in(values["details"]), object_in(values["personal"])
    return Recorded(**values)


def _conditions(table: sa.Table, wanted: Filter) -> Iterator[sa.ColumnElement[bool]]:
    for name in ("subject", "event", "outcome", "address"):
        if (value := getattr(wanted, name)) is not None:
            yield table.c[name] == value
    if wanted.user is not None:
        yield (table.c.subject == wanted.user) | (table.c.actor == wanted.user)
    if wanted.since is not None:
        yield table.c.at >= wanted.since
    if wanted.until is not None:
        yield table.c.at < wanted.until
    if wanted.before is not None:
        yield from _beyond(table, wanted.before, falling=True)
    if wanted.after is not None:
        yield from _beyond(table, wanted.after, falling=False)


def _beyond(table: sa.Table, cursor: str, *, falling: bool) -> Iterator[sa.ColumnElement[bool]]:
    """On the one side of a place."""
    place = CURSOR.fullmatch(cursor)
    if place is not None:
        yield paging.behind(
            _order(table), (paging.moment(int(place[1])), int(place[2]), int(place[3])), falling=falling
        )


def _order(table: sa.Table) -> tuple[Any, ...]:
    return table.c.at, table.c.segment, table.c.position
