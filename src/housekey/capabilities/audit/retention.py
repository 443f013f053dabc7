"""Giving up what is older than it must be kept: whole segments, of which the sealed end stays.

A row of a segment says by `swept_at`, under the seal, that its entries are no longer missed; the common sweep deletes
them then. So nobody without the key can pass a deletion off as a sweep.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from housekey.capabilities.audit import segments
from housekey.capabilities.audit.keys import keys_of
from housekey.capabilities.audit.segments import REGISTER
from housekey.capabilities.audit.settings import AuditSettings
from housekey.house import House, Unit
from housekey.kernel import clock

AT_ONCE = 100
"""Segments in one transaction."""


def give_up(house: House) -> int:
    """Mark every segment that is old enough; says how many."""
    marked = 0
    while found := house.run(give_up_some):
        marked += found
    return marked


def give_up_some(unit: Unit) -> int:
    """At most `AT_ONCE`. A segment that can't be trusted stays, entries and all: it is evidence."""
    table, keys = unit.tables["audit_segments"], keys_of(unit.house)
    oldest = clock.now() - unit.house.settings[AuditSettings].keep_for
    old = (table.c.number != REGISTER) & table.c.swept_at.is_(None) & (table.c.last_at < oldest)
    rows = unit.execute(sa.select(table).where(old).order_by(table.c.number).with_for_update()).mappings()
    found = [segment for row in rows if segments.is_sealed(segment := segments.segment_in(row), keys)][:AT_ONCE]
    for segment in found:
        _mark(unit, table, keys[0], segment.end)
    return len(found)


def _mark(unit: Unit, table: sa.Table, key: Any, end: segments.End) -> None:
    values = {"swept_at": (moment := clock.now()), "seal": segments.sealed(key, end, moment)}
    unit.execute(sa.update(table).where(table.c.number == end.number).values(values))


def seal_anew(house: House) -> None:
    """Seal with the present key what a former one has sealed and nothing else hangs on: the register, and the ends of
    segments that were given up. The former key is needed only as long as entries stay that it has signed."""
    house.run(_seal_anew)


def _seal_anew(unit: Unit) -> None:
    table, keys = unit.tables["audit_segments"], keys_of(unit.house)
    closed = (table.c.number == REGISTER) | table.c.swept_at.isnot(None)
    for row in unit.execute(sa.select(table).where(closed).with_for_update()).mappings().all():
        segment = segments.segment_in(row)
        if segments.key_of(segment, keys) not in (None, keys[0]):
            values = {"seal": segments.sealed(keys[0], segment.end, segment.swept_at)}
            unit.execute(sa.update(table).where(table.c.number == segment.end.number).values(values))
