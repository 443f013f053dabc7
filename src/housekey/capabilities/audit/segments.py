"""The rows of segments: the end of each chain under a seal, and the register of all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.audit.keys import Key
from housekey.house import Unit
from housekey.kernel import clock
from housekey.store.inserting import insert_or_find
from housekey.store.schema import Schema

REGISTER = 0
"""The number of the row that counts the segments."""
NOTHING = bytes(32)
LOST = b"\xff" * 32
"""The `head` of a register that was found missing or broken: what stood in it before can't be known any more."""


@dataclass(frozen=True)
class End:
    """Where a chain ends."""

    number: int
    started_at: datetime
    position: int
    head: bytes
    last_at: datetime

    def moved(self, position: int, head: bytes, at: datetime) -> End:
        return replace(self, position=position, head=head, last_at=max(self.last_at, at))


@dataclass(frozen=True)
class Segment:
    """A row: the end of the chain, since when its entries are given up, and the seal over both."""

    end: End
    swept_at: datetime | None
    seal: bytes


def sealed(key: Key, end: End, swept_at: datetime | None = None) -> bytes:
    """The seal of a row."""
    moments = [_text(end.started_at), _text(end.last_at), _text(swept_at)]
    parts = ["segment", 1, end.number, end.position, end.head.hex(), *moments]
    return key.mac(json.dumps(parts).encode())


def _text(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="microseconds") if moment else None


def is_sealed(segment: Segment, keys: Sequence[Key]) -> bool:
    """Whether one of our keys has sealed the row as it is."""
    return key_of(segment, keys) is not None


def key_of(segment: Segment, keys: Sequence[Key]) -> Key | None:
    """The key that has sealed the row."""
    seals = ((key, sealed(key, segment.end, segment.swept_at)) for key in keys)
    return next((key for key, seal in seals if compare_digest(seal, segment.seal)), None)


def segment_in(row: Any) -> Segment:
    """A row of the table."""
    values = dict(row)
    swept_at, seal = values.pop("swept_at"), values.pop("seal")
    return Segment(End(**values), swept_at, seal)


def read(unit: Unit, number: int) -> Segment | None:
    """A segment, under a lock until the transaction ends."""
    table = unit.tables["audit_segments"]
    row = unit.execute(sa.select(table).where(table.c.number == number).with_for_update()).mappings().first()
    return segment_in(row) if row else None


def move(unit: Unit, key: Key, before: End, after: End) -> bool:
    """Write a new end, if the old one is as we know it."""
    known = {"as_known_number": before.number, "as_known_position": before.position, "as_known_head": before.head}
    new = {"new_position": after.position, "new_head": after.head, "new_last": after.last_at}
    told = {**known, **new, "new_seal": sealed(key, after)}
    return unit.execute(unit.schema.once(_moved), told).rowcount == 1


def _moved(schema: Schema) -> sa.Update:
    columns = schema.tables["audit_segments"].c
    known = [columns[name] == sa.bindparam(f"as_known_{name}") for name in ("number", "position", "head")]
    new = {"position": "new_position", "head": "new_head", "last_at": "new_last", "seal": "new_seal"}
    changed: dict[str, Any] = {column: sa.bindparam(name) for column, name in new.items()}
    return sa.update(columns.number.table).where(*known, columns.swept_at.is_(None)).values(changed)


def begin(unit: Unit, keys: Sequence[Key], latest: int = REGISTER) -> End:
    """A new segment, entered in the register. Those who begin one at the same moment wait for each other; that is once
    a day for each chain. `latest`: a number that was given already, whatever the register says by now: what stood there
    is missed then."""
    table, moment = unit.tables["audit_segments"], clock.now()
    register = _register(unit, keys)
    largest = unit.execute(sa.select(sa.func.max(table.c.number))).scalar() or REGISTER
    number = max(register.position, largest, latest) + 1
    end = End(number, moment, 0, NOTHING, moment)
    unit.execute(sa.insert(table).values(_row(keys[0], end)))
    counted = register.moved(number, register.head, moment)
    values = {"position": number, "head": counted.head, "last_at": counted.last_at, "seal": sealed(keys[0], counted)}
    unit.execute(sa.update(table).where(table.c.number == REGISTER).values(values))
    return end


def _register(unit: Unit, keys: Sequence[Key]) -> End:
    """The register, under lock. If it is broken, or gone while there are segments, this is kept on record in it."""
    found = read(unit, REGISTER)
    if found is None:
        found = _made(unit, keys[0])
    return found.end if is_sealed(found, keys) else replace(found.end, head=LOST)


def _made(unit: Unit, key: Key) -> Segment:
    """A new register, or the one that somebody else has just made."""
    table, moment = unit.tables["audit_segments"], clock.now()
    known = unit.execute(sa.select(sa.func.count()).select_from(table)).scalar()
    end = End(REGISTER, moment, 0, LOST if known else NOTHING, moment)
    row = _row(key, end)
    found = insert_or_find(unit.session, table, row, lambda: read(unit, REGISTER))
    return found or Segment(end, None, row["seal"])


def _row(key: Key, end: End) -> dict[str, Any]:
    return {
        "number": end.number,
        "started_at": end.started_at,
        "position": end.position,
        "head": end.head,
        "last_at": end.last_at,
        "seal": sealed(key, end),
    }
