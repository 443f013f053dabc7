"""The verbs of the outbox: post, look, try again, drop."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.outbox.carriers import Carriers
from housekey.capabilities.outbox.settings import OutboxSettings
from housekey.capabilities.outbox.tables import KEPT_FOR
from housekey.errors import NotFound
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.sealing import Place
from housekey.kernel.tokens import new_public_id
from housekey.store import paging

WAITING, SENDING, DELIVERED, FAILED, DROPPED = STATES = "waiting", "sending", "delivered", "failed", "dropped"
DECOY = "decoy"
"""Posted only so that an answer takes its time; never sent, never listed."""
DECOY_KEPT_FOR = timedelta(hours=1)
MANAGE_MAIL = "mail:manage"


@dataclass(frozen=True, kw_only=True)
class Posting:
    """What is to be sent. `useful_for`: nobody wants it later, for its links have ended."""

    kind: str
    purpose: str
    recipient: str
    body: bytes = field(repr=False)
    reference: str = ""
    user_id: Any = None
    useful_for: timedelta | None = None
    decoy: bool = False
    id: str = field(default_factory=new_public_id)


def post(unit: Unit, posting: Posting) -> str:
    """Write it down in this transaction; it is sent once that is committed, and never if it is rolled back. Answers
    its id."""
    moment = clock.now()
    patience = unit.house.settings[OutboxSettings].give_up_after
    give_up_at = moment + min(patience, posting.useful_for or patience)
    row = {
        "id": posting.id,
        "kind": posting.kind,
        "purpose": posting.purpose,
        "user_id": posting.user_id,
        "recipient": posting.recipient,
        "reference": posting.reference,
        "body": unit.house.sealer.seal(posting.body, place_of(posting.id)),
        "state": DECOY if posting.decoy else WAITING,
        "tries": 0,
        "next_try_at": moment,
        "give_up_at": give_up_at,
        "created_at": moment,
        "expires_at": moment + DECOY_KEPT_FOR if posting.decoy else give_up_at + KEPT_FOR,
    }
    unit.execute(sa.insert(unit.tables["outbox"]).values(row))
    unit.after_commit(unit.house.service(Carriers).on_posted)
    return posting.id


def place_of(item_id: str) -> Place:
    """Where a body stands, for its seal."""
    return Place("housekey_outbox", "body", item_id)


@dataclass(frozen=True)
class Item:
    """A row as people see it, who never see its body."""

    id: str
    kind: str
    purpose: str
    user_id: Any
    recipient: str
    reference: str
    state: str
    tries: int
    next_try_at: datetime
    last_error: str | None
    created_at: datetime
    ended_at: datetime | None

    @property
    def can_be_retried(self) -> bool:
        return self.state in (WAITING, FAILED)

    @property
    def can_be_dropped(self) -> bool:
        return self.state in (WAITING, SENDING, FAILED)


COLUMNS = tuple(Item.__dataclass_fields__)


def listed(house: House, state: str | None = None, before: str | None = None, limit: int = 50) -> list[Item]:
    """The latest first; `before` is the id of the last one on the page before."""
    table = house.store.tables["outbox"]
    order = table.c.created_at, table.c.id
    rows = sa.select(*(table.c[name] for name in COLUMNS)).where(table.c.state.in_([state] if state else STATES))
    with house.read() as connection:
        if before is not None:
            mark = connection.execute(sa.select(table.c.created_at).where(table.c.id == before)).scalar()
            if mark is None:
                return []
            rows = rows.where(paging.behind(order, (mark, before)))
        found = connection.execute(rows.order_by(*paging.ordered(order)).limit(limit))
        return [Item(**row) for row in found.mappings()]


def counts(house: House) -> dict[str, int]:
    """How many there are in each state."""
    table = house.store.tables["outbox"]
    grouped = sa.select(table.c.state, sa.func.count()).group_by(table.c.state)
    with house.read() as connection:
        found = {state: int(number) for state, number in connection.execute(grouped)}
    return {state: found.get(state, 0) for state in STATES}


def overdue(house: House, since: datetime) -> int:
    """How many should have been tried by then."""
    table = house.store.tables["outbox"]
    late = table.c.state.in_((WAITING, SENDING)) & (table.c.next_try_at < since)
    with house.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table).where(late)) or 0


def kept(house: House, kind: str, limit: int = 50) -> list[tuple[Item, bytes]]:
    """What was delivered and whose bodies were kept, the latest first: the mailbox of the demo and of debug mode."""
    table = house.store.tables["outbox"]
    there = (table.c.kind == kind) & (table.c.state == DELIVERED) & table.c.body.is_not(None)
    rows = sa.select(table.c.body, *(table.c[name] for name in COLUMNS)).where(there)
    latest = rows.order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)
    with house.read() as connection:
        found = [dict(row) for row in connection.execute(latest).mappings()]
    bodies = [house.sealer.open(row.pop("body"), place_of(row["id"])) for row in found]
    return [(Item(**row), body) for row, body in zip(found, bodies, strict=True)]


def retry(unit: Unit, item_id: str) -> None:
    """Try one again at once, that waits or has failed, and give it its full time anew. Raises `NotFound`."""
    table, moment = unit.tables["outbox"], clock.now()
    give_up_at = moment + unit.house.settings[OutboxSettings].give_up_after
    again = {"state": WAITING, "next_try_at": moment, "give_up_at": give_up_at, "expires_at": give_up_at + KEPT_FOR}
    _change(unit, table, item_id, (WAITING, FAILED), {**again, "ended_at": None})
    unit.after_commit(unit.house.service(Carriers).on_posted)


def drop(unit: Unit, item_id: str) -> None:
    """Never send one that waits, is being sent or has failed; its body is erased. Raises `NotFound`."""
    _change(unit, unit.tables["outbox"], item_id, (WAITING, SENDING, FAILED), _dropped())


def drop_all(unit: Unit) -> int:
    """Never send any that waits; says how many. After a backup was put back: most of them were sent since."""
    table = unit.tables["outbox"]
    waiting = sa.update(table).where(table.c.state.in_((WAITING, SENDING)))
    return int(unit.execute(waiting.values(_dropped())).rowcount)


def _dropped() -> dict[str, Any]:
    moment = clock.now()
    return {"state": DROPPED, "body": None, "ended_at": moment, "expires_at": moment + KEPT_FOR}


def _change(unit: Unit, table: sa.Table, item_id: str, states: tuple[str, ...], values: dict[str, Any]) -> None:
    mine = (table.c.id == item_id) & table.c.state.in_(states)
    if unit.execute(sa.update(table).where(mine).values(values)).rowcount != 1:
        raise NotFound()
