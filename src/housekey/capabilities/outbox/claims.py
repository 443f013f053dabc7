"""Taking parcels out of the outbox, so that of many senders only one has each.

A claim is one UPDATE, judged by its row count: it raises `tries`, which the claimer has read before, and of two only
one can find it unchanged. `next_try_at` is then the end of the lease: if the sender dies, the next one after it claims
the row once more, and its mail goes out again with the same Message-ID. Whoever reports what became of a parcel must
still hold the claim.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.outbox.actions import DELIVERED, FAILED, SENDING, WAITING, place_of
from housekey.capabilities.outbox.carriers import Parcel
from housekey.capabilities.outbox.events import DeliveryFailed
from housekey.capabilities.outbox.tables import KEPT_FOR
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.jitter import CHANCE

LEASE = timedelta(minutes=10)
"""Longer than any carrier may take for one parcel: else a second one sends it meanwhile. SMTP is a dozen answers, each
as long as `HOUSEKEY_MAIL_TIMEOUT` at most, which is 30 seconds at most."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
BATCH = 50


@dataclass(frozen=True)
class Due:
    """A row whose time has come, as it was seen; others may see it too."""

    id: str
    kind: str
    tries: int


def due(house: House, kinds: Collection[str], limit: int = BATCH) -> list[Due]:
    """What may be sent now, the oldest first."""
    if not kinds:
        return []
    table = house.store.tables["outbox"]
    waits = table.c.state.in_((WAITING, SENDING)) & (table.c.next_try_at <= clock.now())
    wanted = sa.select(table.c.id, table.c.kind, table.c.tries).where(waits, table.c.kind.in_(list(kinds)))
    with house.read() as connection:
        return [Due(*row) for row in connection.execute(wanted.order_by(table.c.next_try_at).limit(limit))]


def claim(unit: Unit, seen: Due) -> sa.RowMapping | None:
    """The row, sealed still, if nobody else has it: ours until the lease ends."""
    table, moment = unit.tables["outbox"], clock.now()
    free = table.c.state.in_((WAITING, SENDING)) & (table.c.next_try_at <= moment) & (table.c.tries == seen.tries)
    ours = {"state": SENDING, "tries": seen.tries + 1, "next_try_at": moment + LEASE}
    if unit.execute(sa.update(table).where(table.c.id == seen.id, free).values(ours)).rowcount != 1:
        return None
    columns = [table.c[name] for name in Parcel.__dataclass_fields__]
    return unit.execute(sa.select(*columns).where(table.c.id == seen.id)).mappings().one()


def opened(house: House, row: sa.RowMapping) -> Parcel:
    """The parcel with its body. Raises `SealError`."""
    return Parcel(**{**row, "body": house.sealer.open(row["body"] or b"", place_of(row["id"]))})


def delivered(unit: Unit, row: sa.RowMapping, *, keep_body: bool = False) -> None:
    """It is sent: nobody needs its body any more."""
    moment = clock.now()
    values: dict[str, Any] = {
        "state": DELIVERED, "ended_at": moment, "expires_at": moment + KEPT_FOR, "last_error": None
    }  # fmt: skip
    _report(unit, row, values if keep_body else {**values, "body": None})


def postponed(unit: Unit, row: sa.RowMapping, reason: str) -> None:
    """Try again after a pause, or give up if that would be too late."""
    next_try_at = clock.now() + pause_after(row["tries"])
    if next_try_at >= row["give_up_at"]:
        failed(unit, row, f"given up: {reason}")
        return
    _report(unit, row, {"state": WAITING, "next_try_at": next_try_at, "last_error": reason})


def failed(unit: Unit, row: sa.RowMapping, reason: str) -> None:
    """It won't be sent, unless somebody who looks after the outbox tries it again."""
    moment = clock.now()
    values = {"state": FAILED, "ended_at": moment, "expires_at": moment + KEPT_FOR, "last_error": reason}
    if _report(unit, row, values):
        about = {name: row[name] for name in ("id", "kind", "purpose", "user_id")}
        unit.publish(DeliveryFailed(**about, at=moment))


def _report(unit: Unit, row: sa.RowMapping, values: dict[str, Any]) -> bool:
    """False if the claim is another's by now, or the row is gone."""
    table = unit.tables["outbox"]
    ours = (table.c.id == row["id"]) & (table.c.tries == row["tries"]) & (table.c.state == SENDING)
    return unit.execute(sa.update(table).where(ours).values(values)).rowcount == 1


def pause_after(tries: int) -> timedelta:
    """Half a minute, one, two, … up to an hour, each give or take a quarter, so that what failed together doesn't come
    back together."""
    whole: timedelta = min(FIRST_PAUSE * 2 ** min(tries - 1, 12), LONGEST_PAUSE)
    return whole * CHANCE.uniform(0.75, 1.25)
