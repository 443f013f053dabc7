"""Finding what was changed, taken out, put in or swapped by somebody without the key, and saying where.

A copy of the whole log from an earlier day, put back as a whole, is sound in itself: whoever must find that, too, keeps
the ends of the chains (`flask housekey audit verify --json`) somewhere else and gives them as `kept`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.audit import segments
from housekey.capabilities.audit.entries import content, hidden
from housekey.capabilities.audit.erased import unexplained
from housekey.capabilities.audit.kept_ends import Ends, lost
from housekey.capabilities.audit.keys import Key, keys_of
from housekey.capabilities.audit.segments import LOST, NOTHING, REGISTER, Segment
from housekey.capabilities.audit.strays import strays
from housekey.house import House
from housekey.store.batches import BATCH, Progress


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where. `position` is None for what concerns a whole segment, `segment` for the whole log."""

    segment: int | None
    position: int | None
    text: str

    def __str__(self) -> str:
        parts = [f"{noun} {n}" for noun, n in (("segment", self.segment), ("entry", self.position)) if n is not None]
        return f"{', '.join(parts) or 'the whole log'}: {self.text}"


@dataclass
class Verdict:
    """What a verification has found."""

    segments: int = 0
    entries: int = 0
    erased: int = 0
    """Entries whose personal part was erased; they are sound without it."""
    swept: int = 0
    """Segments whose entries were given up after their time."""
    problems: list[Problem] = field(default_factory=list)
    ends: dict[int, str] = field(default_factory=dict)
    """The signature at which each segment ends, to be kept elsewhere."""

    @property
    def good(self) -> bool:
        return not self.problems

    def object(self, segment: int | None, position: int | None, text: str) -> None:
        self.problems.append(Problem(segment, position, text))


UNKNOWN = (
    "it was changed, or signed with a key that isn't here any more (HOUSEKEY_AUDIT_KEY_FALLBACKS, SECRET_KEY_FALLBACKS)"
)


CUT_OFF = "the end that was kept of it is gone: what came up to there was cut off, or an older log was put back"


def verify(house: House, progress: Progress | None = None, kept: Ends | None = None) -> Verdict:
    """Read the whole log. What is written meanwhile is not looked at."""
    keys, verdict = keys_of(house), Verdict()
    with _told_if_unreadable(verdict, None):
        _verify(house, keys, verdict, progress)
    for number in lost(house, kept or {}):
        verdict.object(number, None, CUT_OFF)
    return verdict


def _verify(house: House, keys: Sequence[Key], verdict: Verdict, progress: Progress | None) -> None:
    register = _segment(house, REGISTER)
    found = _all_segments(house, register.end.position if register else None)
    _judge_register(register, found, keys, verdict)
    total = sum(segment.end.position for segment in found if segment.swept_at is None)
    for segment in found:
        with _told_if_unreadable(verdict, segment.end.number):
            _judge_segment(house, segment, keys, verdict)
        if progress is not None:
            progress(verdict.entries, max(total, verdict.entries))
    for number, first, text in strays(house):
        verdict.object(number, first, text)


@contextmanager
def _told_if_unreadable(verdict: Verdict, number: int | None) -> Iterator[None]:
    """SQLite keeps whatever somebody writes into a column: it must not keep the rest from being told."""
    try:
        yield
    except (AttributeError, OverflowError, TypeError, ValueError):
        verdict.object(number, None, "it can't be read any further: it holds what Housekey never writes")


def _segment(house: House, number: int) -> Segment | None:
    table = house.store.tables["audit_segments"]
    with house.read() as connection:
        row = connection.execute(sa.select(table).where(table.c.number == number)).mappings().first()
    return segments.segment_in(row) if row else None


def _all_segments(house: House, count: int | None) -> list[Segment]:
    """Those that the register knew of when it was read; all of them if there is none."""
    table = house.store.tables["audit_segments"]
    statement = sa.select(table).where(table.c.number != REGISTER).order_by(table.c.number)
    with house.read() as connection:
        rows = connection.execute(statement).mappings().all()
    found = [segments.segment_in(row) for row in rows]
    if count is None:
        return found
    begun_since = _count(house)
    return [segment for segment in found if not count < segment.end.number <= begun_since]


def _count(house: House) -> int:
    register = _segment(house, REGISTER)
    return register.end.position if register else 0


def _judge_register(register: Segment | None, found: Sequence[Segment], keys: Sequence[Key], verdict: Verdict) -> None:
    if register is None:
        if found:
            verdict.object(None, None, "the register of segments is missing")
        return
    have = {segment.end.number for segment in found}
    known = register.end.position
    if not segments.is_sealed(register, keys):
        verdict.object(None, None, f"the register of segments can't be trusted: {UNKNOWN}")
        known = min(known, max(have, default=0))  # a number of somebody's own would fill the memory
    if register.end.head == LOST:
        verdict.object(None, None, f"the register was missing or broken before {register.end.started_at:%Y-%m-%d}")
    for number in sorted(set(range(1, known + 1)) - have):
        verdict.object(number, None, "the whole segment is missing")
    for number in sorted(have - set(range(1, known + 1))):
        verdict.object(number, None, "the register doesn't know this segment")


def _judge_segment(house: House, segment: Segment, keys: Sequence[Key], verdict: Verdict) -> None:
    number = segment.end.number
    verdict.segments += 1
    verdict.ends[number] = segment.end.head.hex()
    key = segments.key_of(segment, keys)
    if key is None:
        verdict.object(number, None, f"its end can't be trusted: {UNKNOWN}")
    if segment.swept_at is not None and key is not None:
        verdict.swept += 1
        return
    before = len(verdict.problems)
    last = _judge_entries(house, segment, [key] if key else keys, verdict)
    now = _segment(house, number)
    if now is not None and now.swept_at is not None and segments.is_sealed(now, keys):
        del verdict.problems[before:]  # it was given up while we read it
        return
    if key is not None and not compare_digest(last, segment.end.head):
        verdict.object(number, segment.end.position, "the chain doesn't end as it was sealed")


def _judge_entries(house: House, segment: Segment, keys: Sequence[Key], verdict: Verdict) -> bytes:
    """Each entry in its turn; answers the signature of the last one."""
    number, before, expected = segment.end.number, NOTHING, 1
    for row, blanked in _entries(house, number, segment.end.position):
        position = row["position"]
        if position != expected:
            _object_gap(verdict, number, expected, position - 1)
        verdict.entries += 1
        verdict.erased += row["salt"] is None
        for text in _faults(row, number, before, keys, follows=position == expected):
            verdict.object(number, position, text)
        if blanked:
            verdict.object(number, position, "its personal part was taken out, and nobody whom it names has left")
        before, expected = row["mac"], position + 1
    if expected <= segment.end.position:
        _object_gap(verdict, number, expected, segment.end.position)
    return before


def _object_gap(verdict: Verdict, number: int, first: int, last: int) -> None:
    missing = "it is missing" if first == last else f"it is missing, with all up to {last}"
    verdict.object(number, first, missing)


def _faults(row: Any, number: int, before: bytes, keys: Sequence[Key], *, follows: bool) -> Iterator[str]:
    """After a gap nobody knows the signature before, so the row is judged by what comes next."""
    signed = content(row, number, row["position"], before)
    if follows and not any(compare_digest(key.mac(signed), row["mac"]) for key in keys):
        yield f"it was changed, put in or moved here ({row['event']}, {row['at']:%Y-%m-%d %H:%M:%S} UTC)"
    if row["salt"] is None:
        if row["personal"] is not None or row["address"] is not None:
            yield "its personal part isn't what was signed"
    elif not _personal_is_sound(row):
        yield "its personal part isn't what was signed"


def _personal_is_sound(row: Any) -> bool:
    """What was signed is the text; the column of addresses is what pages filter by, and must say the same."""
    if row["personal"] is None or not compare_digest(hidden(row["salt"], row["personal"]), row["personal_hash"]):
        return False
    return bool(row["address"] == json.loads(row["personal"]).get("address"))


def _entries(house: House, number: int, last: int) -> Iterator[tuple[Any, bool]]:
    """By key, some hundreds at a time; each with whether its personal part is gone without a reason."""
    table, after = house.store.tables["audit_entries"], 0
    while True:
        wanted = sa.select(table).where(table.c.segment == number, table.c.position > after, table.c.position <= last)
        with house.read() as connection:
            rows = connection.execute(wanted.order_by(table.c.position).limit(BATCH)).mappings().all()
        blanked = unexplained(house, rows)
        yield from ((row, row["position"] in blanked) for row in rows)
        if len(rows) < BATCH:
            return
        after = rows[-1]["position"]
