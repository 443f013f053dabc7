"""Ends of chains that were kept in another place: a log from an earlier day is sound in itself, but lacks them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

import sqlalchemy as sa

from housekey.capabilities.audit.segments import NOTHING
from housekey.house import House

Ends = Mapping[int, bytes]
"""By the number of the segment: the signature at which it ended then."""
_NUMBER, _HEAD = re.compile(r"[0-9]{1,9}"), re.compile(r"[0-9a-f]{64}")


def read(document: str) -> Ends:
    """What `audit verify --json` has told. Raises ValueError."""
    try:
        ends = json.loads(document)["ends"]
        fits = all(_NUMBER.fullmatch(number) and _HEAD.fullmatch(head) for number, head in ends.items())
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        fits = False
    if not fits:
        raise ValueError("is no answer of `flask housekey audit verify --json`")
    return {int(number): bytes.fromhex(head) for number, head in ends.items()}


def lost(house: House, ends: Ends) -> Iterator[int]:
    """The segments that don't hold the end any more that they had then. One that was given up since has said so under
    its seal, and holds none."""
    for number, head in sorted(ends.items()):
        if not _holds(house, number, head):
            yield number


def _holds(house: House, number: int, head: bytes) -> bool:
    segments, entries = house.store.tables["audit_segments"], house.store.tables["audit_entries"]
    with house.read() as connection:
        row = connection.execute(sa.select(segments.c.swept_at).where(segments.c.number == number)).first()
        if row is None or row.swept_at is not None or head == NOTHING:
            return row is not None
        there = sa.select(entries.c.position).where(entries.c.segment == number, entries.c.mac == head)
        return connection.execute(there.limit(1)).first() is not None
