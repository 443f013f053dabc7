"""Sealing anew, under the key that seals now, what former ones have sealed: then those may go.

A table says by `schema.table(…, sealed=…)` which of its columns hold sealed texts. The app runs meanwhile: a row is
written only if it still holds what was read, so nothing that came between is lost, and what was erased stays erased.
What is done stays done, and is passed over the next time; so an interrupted run is continued by running it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from housekey.kernel.sealing import MARK_BYTES, Place, SealError
from housekey.store.batches import BATCH, Progress

if TYPE_CHECKING:
    from housekey.house import House, Unit

Pair = tuple[Any, bytes]
"""The key of a row and what is sealed in it."""


@dataclass(frozen=True)
class Seals:
    """How many texts lie under the key that seals now, under a former one, and under one that isn't here."""

    current: int = 0
    former: int = 0
    lost: int = 0


@dataclass(frozen=True)
class Resealed:
    """What a run has done. `unreadable`: no key opens them, or they were changed; they are left as they are."""

    resealed: int = 0
    unreadable: tuple[str, ...] = ()


def count(house: House) -> Seals:
    """What the database holds, by a look at the first bytes of each text."""
    marks, seals = house.sealer.marks(), Seals()
    with house.read() as connection:
        for column in _columns(house):
            for mark, number in connection.execute(_by_mark(column)):
                kind = "current" if bytes(mark) == marks[0] else "former" if bytes(mark) in marks else "lost"
                seals = replace(seals, **{kind: getattr(seals, kind) + number})
    return seals


def _columns(house: House) -> list[sa.Column[Any]]:
    schema = house.store.schema
    return [schema.tables[noun].c[name] for noun, names in schema.sealed.items() for name in names]


def _mark(column: sa.Column[Any]) -> sa.ColumnElement[bytes]:
    return sa.func.substr(column, 1, MARK_BYTES, type_=sa.LargeBinary)


def _by_mark(column: sa.Column[Any]) -> sa.Executable:
    mark = _mark(column)
    return sa.select(mark, sa.func.count()).where(column.is_not(None)).group_by(mark)


def rotate(house: House, progress: Progress) -> Resealed:
    """Seal everything anew. Raises `SealError` without a key."""
    mark, before = house.sealer.mark(), count(house)
    total, seen, done, unreadable = before.former + before.lost, 0, 0, list[str]()
    for column in _columns(house):
        for found in _batches(house, column, mark):
            anew = _opened(house, column, found, unreadable)
            done += house.run(partial(_swap, column=column, anew=anew))
            seen += len(found)
            progress(seen, max(seen, total))
    return Resealed(done, tuple(unreadable))


def _batches(house: House, column: sa.Column[Any], mark: bytes) -> Iterator[Sequence[Pair]]:
    """By the key of the rows, so that those that can't be opened are met once."""
    key, last = _key(column), None
    chosen = sa.select(key, column).where(_mark(column) != mark).order_by(key).limit(BATCH)
    while found := _page(house, chosen if last is None else chosen.where(key > last)):
        yield found
        last = found[-1][0]


def _page(house: House, chosen: sa.Select[Any]) -> Sequence[Pair]:
    with house.read() as connection:
        return [(key, bytes(text)) for key, text in connection.execute(chosen)]


def _key(column: sa.Column[Any]) -> sa.Column[Any]:
    (key,) = column.table.primary_key
    return key


def _opened(
    house: House, column: sa.Column[Any], found: Sequence[Pair], unreadable: list[str]
) -> Sequence[tuple[Any, bytes, bytes]]:
    """Key, what is there, and what shall be; made before the transaction, which stays short."""
    anew = []
    for key, text in found:
        place = Place(str(column.table.name), column.name, key)
        try:
            anew.append((key, text, house.sealer.seal(house.sealer.open(text, place), place)))
        except SealError as error:
            unreadable.append(str(error))
    return anew


def _swap(unit: Unit, column: sa.Column[Any], anew: Sequence[tuple[Any, bytes, bytes]]) -> int:
    key = _key(column)
    untouched = (key == sa.bindparam("row_key")) & (column == sa.bindparam("old"))
    swap = sa.update(column.table).where(untouched).values({column.name: sa.bindparam("new")})
    return sum(unit.execute(swap, {"row_key": row, "old": old, "new": new}).rowcount for row, old, new in anew)
