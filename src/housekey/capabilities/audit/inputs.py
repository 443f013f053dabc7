"""What those who read the log may choose."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from housekey.capabilities.audit.reading import CURSOR, Filter
from housekey.errors import InvalidInput
from housekey.house import House
from housekey.kernel.texts import text as _
from housekey.store import users

Cursor = Annotated[
    str, Meta(max_length=40, pattern=f"^({CURSOR.pattern})?$", description="`next` of the page before this one.")
]
Day = Annotated[str, Meta(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$", examples=["2026-11-01"])]


class HistoryQuery(Struct, kw_only=True):
    """Which page of one's own history."""

    before: Cursor = ""


class ActivityQuery(Struct, kw_only=True):
    """Which entries to show."""

    user: Annotated[str, Meta(max_length=254, description="An e-mail address, a username, or a user's key.")] = ""
    event: Annotated[str, Meta(max_length=80, examples=["LoginRefused"])] = ""
    outcome: Literal["", "success", "failure"] = ""
    address: Annotated[str, Meta(max_length=45)] = ""
    since: Annotated[Day, Meta(description="Not before this day, in UTC.")] = ""
    until: Annotated[Day, Meta(description="Up to this day, and with it.")] = ""
    before: Cursor = ""


def filter_of(house: House, query: ActivityQuery) -> Filter:
    """Raises `InvalidInput` for a day that no calendar has."""
    until = _midnight("until", query.until)
    return Filter(
        user=_key(house, query.user.strip()) if query.user.strip() else None,
        event=query.event or None,
        outcome=query.outcome or None,
        address=query.address.strip() or None,
        since=_midnight("since", query.since),
        until=_day_after(until) if until else None,
        before=query.before or None,
    )


def _midnight(name: str, text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC) if text else None
    except ValueError:
        raise InvalidInput.of(name, "invalid_format", _("There is no such day.")) from None


def _day_after(moment: datetime) -> datetime | None:
    """None after the last day of the calendar, which bounds nothing."""
    try:
        return moment + timedelta(days=1)
    except OverflowError:
        return None


def _key(house: House, text: str) -> str:
    """Of whoever bears the name now; else it is taken for a key, since the user may be gone."""
    with house.read() as connection:
        found = users.by_identifier(connection, house.store.schema, text)
    return found.key if found is not None else text
