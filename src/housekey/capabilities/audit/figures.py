"""Logins and refusals a day, and how to draw them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

import sqlalchemy as sa

from housekey.events import Level
from housekey.house import House
from housekey.kernel import clock

DAYS = 30
LOGGED_IN, REFUSED = "LoggedIn", "LoginRefused"
LEVELS: dict[str, Level] = {"invalid_credentials": "warn", "locked": "bad"}
"""How the bars of reasons are coloured; the rest, together, is "info"."""
OTHER = "other"
HEIGHT, STEP, GAP = 120, 20, 4
"""Of a chart, of a day in it, and between two days; units of the drawing, which grows with the page."""


@dataclass
class Day:
    """One day, in UTC."""

    day: date
    logins: int = 0
    refusals: Counter[str] = field(default_factory=Counter)


def by_day(house: House, days: int = DAYS) -> list[Day]:
    """The last days, each of them, the first one first."""
    today = clock.now().date()
    found = {day: Day(day) for day in (today - timedelta(days=n) for n in reversed(range(days)))}
    for text, event, reason, number in _counted(house, min(found)):
        day = found.get(date.fromisoformat(str(text)[:10]))
        if day is None:
            continue
        if event == LOGGED_IN:
            day.logins += number
        else:
            day.refusals[reason or OTHER] += number
    return list(found.values())


def _counted(house: House, first: date) -> list[tuple[object, str, str | None, int]]:
    table = house.store.tables["audit_entries"]
    day = sa.func.date(table.c.at, type_=sa.String)
    statement = (
        sa.select(day, table.c.event, table.c.reason, sa.func.count())
        .where(table.c.event.in_([LOGGED_IN, REFUSED]), table.c.at >= datetime.combine(first, time(), UTC))
        .group_by(day, table.c.event, table.c.reason)
    )
    with house.read() as connection:
        return [(row[0], row[1], row[2], int(row[3])) for row in connection.execute(statement)]


@dataclass(frozen=True)
class Bar:
    """A piece of a stacked bar, in units of the drawing."""

    x: int
    y: float
    height: float
    level: Level


@dataclass(frozen=True)
class Chart:
    """What the page draws; `most` is the sum of the highest day."""

    bars: list[Bar]
    most: int
    total: int

    @property
    def width(self) -> int:
        return DAYS * STEP


def logins_chart(days: list[Day]) -> Chart:
    """Logins that succeeded."""
    return _chart([[("good", day.logins)] for day in days])


def refusals_chart(days: list[Day]) -> Chart:
    """Logins that were refused, the worst reason at the foot."""
    return _chart(
        [[("bad", _sum(day, "bad")), ("warn", _sum(day, "warn")), ("info", _sum(day, "info"))] for day in days]
    )


def _sum(day: Day, level: Level) -> int:
    return sum(number for reason, number in day.refusals.items() if LEVELS.get(reason, "info") == level)


def _chart(stacks: list[list[tuple[Level, int]]]) -> Chart:
    sums = [sum(number for _level, number in stack) for stack in stacks]
    most = max(sums, default=0)
    bars: list[Bar] = []
    for place, stack in enumerate(stacks):
        foot = float(HEIGHT)
        for level, number in stack:
            height = round(number / most * HEIGHT, 1) if most else 0
            foot = round(foot - height, 1)
            if height:
                bars.append(Bar(place * STEP, foot, height, level))
    return Chart(bars, most, sum(sums))
