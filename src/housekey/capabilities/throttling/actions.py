"""What an operator sees of a user's locks, and opening them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.throttling import counters
from housekey.capabilities.throttling.events import AccountUnlocked
from housekey.capabilities.throttling.locks import Count
from housekey.capabilities.throttling.settings import ThrottlingSettings
from housekey.house import House, Unit
from housekey.kernel import clock


@dataclass(frozen=True)
class Locks:
    """How many counts of a user are locked, until when the last of them is, and whether one is closed until the
    password is reset."""

    locked: int
    until: datetime | None
    closed: bool


def locks_of(house: House, user_id: Any) -> Locks:
    """What stands against this user's tries, in whichever browser."""
    table, settings, moment = house.store.tables["counters"], house.settings[ThrottlingSettings], clock.now()
    columns = table.c.failures, table.c.in_row, table.c.locked_until, table.c.updated_at
    with house.read() as connection:
        rows = connection.execute(sa.select(*columns).where(table.c.user_id == user_id)).all()
    held = [count for row in rows if (count := Count(**row._mapping)).is_locked(moment, settings)]
    ends = [count.locked_until for count in held if count.locked_until is not None and count.locked_until > moment]
    return Locks(len(held), max(ends, default=None), any(count.is_closed(settings) for count in held))


def locked(house: House, user_ids: Sequence[Any] | None = None) -> sa.Select[Any]:
    """Selects the keys of users, of all or of these, against whom a lock holds now in some browser; as
    `Count.is_locked` judges."""
    table, closed_after = house.store.tables["counters"], house.settings[ThrottlingSettings].close_after
    holds = (table.c.locked_until > clock.now()) | (table.c.in_row >= closed_after)
    wanted = table.c.user_id.is_not(None) if user_ids is None else table.c.user_id.in_(user_ids)
    return sa.select(table.c.user_id).where(wanted, holds)


def unlock(house: House, user_id: Any) -> None:
    """Forget all failures of a user: every lock opens."""

    def verb(unit: Unit) -> None:
        counters.forget_user(unit, user_id)
        unit.publish(AccountUnlocked(user_id=user_id, at=clock.now()))

    house.run(verb)
