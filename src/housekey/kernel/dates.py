"""Days and times in words. Python's own names of months follow the machine's locale and not the reader, and Babel is
no dependency of ours, so they are sentences like all others."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _

MONTHS = (
    _("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July"), _("August"), _("September"),
    _("October"), _("November"), _("December"),
)  # fmt: skip


def day_text(day: date) -> Text:
    """31 January 2026"""
    return _("{day} {month} {year}", day=day.day, month=MONTHS[day.month - 1], year=day.year)


def time_text(moment: datetime, time_zone: str | None = None) -> Text:
    """31 January 2026, 13:00 (Europe/Berlin): by the reader's own clock, else in UTC."""
    zone = _zone(time_zone)
    there = moment.astimezone(zone or UTC)
    name = f"({time_zone})" if zone else "UTC"
    return _("{day}, {time} {zone}", day=day_text(there), time=f"{there:%H:%M}", zone=name)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


class Day:
    """A day as a place in a sentence: in words, and on a page also as a machine reads it."""

    def __init__(self, day: date) -> None:
        self.machine, self.words = day.isoformat(), day_text(day)

    def __str__(self) -> str:
        return str(self.words)

    def __html__(self) -> Markup:
        return Markup('<time datetime="{}">{}</time>').format(self.machine, self.words)


class Moment(Day):
    """The same for a moment, by the clock of whoever reads."""

    def __init__(self, moment: datetime, time_zone: str | None = None) -> None:
        self.machine = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
        self.words = time_text(moment, time_zone)
