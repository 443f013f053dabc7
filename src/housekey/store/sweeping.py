"""Deleting what has expired, in small batches.

A table says by `schema.table(…, expired=…)` which of its rows are of no more use. `flask housekey sweep` deletes them
all; a busy process deletes a few now and then, so that an app whose operator knows no cron doesn't grow forever.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from housekey.errors import HostTransactionOpen
from housekey.kernel import clock
from housekey.kernel.jitter import CHANCE
from housekey.store.batches import BATCH, Progress

if TYPE_CHECKING:
    from housekey.house import House, Unit
    from housekey.store import Store

EVERY_S = 600
"""Seconds between two small sweeps of one process, give or take half, so that workers don't sweep together."""
FEW = 500
"""Rows of each table in a small sweep: a few milliseconds at the end of somebody's request."""


def sweep(house: House, progress: Progress | None = None) -> dict[str, int]:
    """Delete every row that has expired; says how many, by table. Can be interrupted and run again."""
    nouns, swept = list(house.store.schema.expiring), dict[str, int]()
    for sweeper in house.sweepers:
        swept.update(sweeper())
    total = sum(_count(house.store, noun) for noun in nouns) if progress is not None else 0
    swept.update(dict.fromkeys(nouns, 0))
    for noun in nouns:
        for deleted in _batches(house, noun):
            swept[noun] += deleted
            if progress is not None:
                done = sum(swept.values())
                progress(done, max(done, total))
    return swept


def _count(store: Store, noun: str) -> int:
    table, expired = _rule(store, noun)
    with store.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table).where(expired)) or 0


def _rule(store: Store, noun: str) -> tuple[sa.Table, sa.ColumnElement[bool]]:
    table, rule = store.tables[noun], store.expiring.get(noun) or store.schema.expiring[noun]
    return table, rule(table, clock.now())


def _batches(house: House, noun: str) -> Iterator[int]:
    while found := _find(house.store, noun, BATCH):
        yield house.run(partial(_swept, noun=noun, keys=found))


def _swept(unit: Unit, noun: str, keys: list[tuple[Any, ...]]) -> int:
    return _delete(unit.session, unit.house.store, noun, keys)


def _find(store: Store, noun: str, limit: int) -> list[tuple[Any, ...]]:
    table, expired = _rule(store, noun)
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*table.primary_key).where(expired).limit(limit))]


def _delete(session: Any, store: Store, noun: str, keys: list[tuple[Any, ...]]) -> int:
    """Judged once more: a row may have been used since it was found."""
    table, expired = _rule(store, noun)
    found = sa.tuple_(*table.primary_key).in_(keys)
    done = session.execute(sa.delete(table).where(found, expired), bind_arguments=store.bind_arguments)
    return int(done.rowcount)


class Broom:
    """The small sweeps of one process, for one app."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._next = _soon()
        _BROOMS.add(self)

    def now_and_then(self, house: House) -> None:
        """Sweep a little if the last time is long ago. Never waits for a lock of the database, never raises."""
        if time.monotonic() < self._next or not self._lock.acquire(blocking=False):
            return
        try:
            self._next = _soon()
            with suppress(SQLAlchemyError, HostTransactionOpen):
                self._sweep_a_little(house)
        finally:
            self._lock.release()

    def _sweep_a_little(self, house: House) -> None:
        store = house.store
        for sweeper in house.small_sweepers:
            sweeper()
        for noun in store.schema.expiring:
            if found := _find(store, noun, FEW):
                with store.write_at_once() as session:
                    _delete(session, store, noun, found)


_BROOMS: WeakSet[Broom] = WeakSet()


def _unlock_all() -> None:
    """A thread of the parent may have been sweeping; the child would never sweep."""
    for broom in _BROOMS:
        broom._lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock_all)


def _soon() -> float:
    return time.monotonic() + EVERY_S * CHANCE.uniform(0.5, 1.5)
