"""Pages by key: each begins behind the last row of the one before. Never OFFSET, which reads all that it leaves out,
and shows a row twice or never where others come and go meanwhile.

A cursor names a place in an order. It is opaque to clients, and no secret: it holds what the row before it showed.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import ge, gt, le, lt
from typing import Any, Generic, TypeVar, cast

import sqlalchemy as sa

from housekey.errors import InvalidInput
from housekey.kernel.texts import text as _

T = TypeVar("T")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_TICKS = 10**17
"""The year 5138."""
NO_CURSOR = _("This isn't the `next` of a page before this one.")
LONGEST_CURSOR = 2000


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows in their order, and where the next page begins, if there is one."""

    rows: list[T]
    next: str | None


def behind(columns: Sequence[Any], place: Sequence[Any], *, falling: bool = True) -> sa.ColumnElement[bool]:
    """What comes after a place in the order of these columns, none of which is NULL. The first one is said twice, since
    MariaDB takes no index for the second alone."""
    beyond, up_to = (lt, le) if falling else (gt, ge)
    after: sa.ColumnElement[bool] = beyond(columns[-1], place[-1])
    for column, value in reversed(list(zip(columns[:-1], place[:-1], strict=True))):
        after = beyond(column, value) | ((column == value) & after)
    return sa.and_(up_to(columns[0], place[0]), after)


def ordered(columns: Sequence[Any], *, falling: bool = True) -> list[Any]:
    """The same columns for an ORDER BY."""
    return [column.desc() if falling else column for column in columns]


def ticks(moment: datetime) -> int:
    """Microseconds since 1970: what every database keeps of a moment, to the last digit."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def moment(number: int) -> datetime:
    """The same back. Raises `InvalidInput` for `after` beyond the calendar."""
    if not 0 <= number < MOST_TICKS:
        raise InvalidInput.of("after", "invalid_format", NO_CURSOR)
    return EPOCH + timedelta(microseconds=number)


def cursor(*parts: str | int | None) -> str:
    """A place as text."""
    told = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return urlsafe_b64encode(told.encode()).decode().rstrip("=")


def place(text: str, *kinds: Any) -> list[Any]:
    """The same back, each part of its kind. Raises `InvalidInput` for `after`: no cursor, or one of another list."""
    try:
        found = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        fits = isinstance(found, list) and _are(found, kinds) and cursor(*found) == text
    except (ValueError, RecursionError):
        fits = False
    if not fits or "\0" in "".join(part for part in found if isinstance(part, str)):  # PostgreSQL takes no NUL
        raise InvalidInput.of("after", "invalid_format", NO_CURSOR)
    return cast("list[Any]", found)


def _are(found: list[Any], kinds: Sequence[Any]) -> bool:
    """Each part of its kind; Python takes True for a number."""
    pairs = zip(found, kinds, strict=True) if len(found) == len(kinds) else ()
    return len(found) == len(kinds) and all(isinstance(p, k) and not isinstance(p, bool) for p, k in pairs)
