"""Entries that stand where no chain is: pages would show them, and no signature was ever asked of them."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from housekey.capabilities.audit.segments import REGISTER
from housekey.house import House

BEHIND = "it was put in behind the end of the chain"
BEFORE = "it was put in before the beginning of the chain"
GIVEN_UP = "it was put in after the segment had been given up"
NOWHERE = "it was put in where no chain is"


def strays(house: House) -> Iterator[tuple[int, int, str]]:
    """Segment, the first position, and what is wrong there. A row that is being written has moved the end first."""
    entries, ends = house.store.tables["audit_entries"], house.store.tables["audit_segments"]
    wrong = sa.case(
        (ends.c.number.is_(None) | (entries.c.segment == REGISTER), NOWHERE),
        (entries.c.position < 1, BEFORE),
        (entries.c.position > ends.c.position, BEHIND),
        # What is given up is read by nobody's key any more; but nothing in it is younger than its sealed end.
        (ends.c.swept_at.isnot(None) & (entries.c.at > ends.c.last_at), GIVEN_UP),
    ).label("wrong")
    source = entries.outerjoin(ends, ends.c.number == entries.c.segment)
    found = sa.select(entries.c.segment, entries.c.position, wrong).select_from(source).subquery()
    places = sa.select(found.c.segment, sa.func.min(found.c.position), found.c.wrong).where(found.c.wrong.isnot(None))
    with house.read() as connection:
        rows = connection.execute(places.group_by(found.c.segment, found.c.wrong).order_by(found.c.segment)).all()
    yield from ((row[0], row[1], row[2]) for row in rows)
