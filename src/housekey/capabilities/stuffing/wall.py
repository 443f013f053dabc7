"""A wall of refused logins: whether it stands, for all processes of a site.

Refusals aren't counted anywhere: the log holds each of them, under an index that says when. So no refusal waits for
another, and a login that succeeds writes nothing. Only the wall itself has a row; whoever writes or deletes that tells
of it, once.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.audit import reading
from housekey.capabilities.stuffing.events import StuffingBegan, StuffingEnded
from housekey.capabilities.stuffing.settings import StuffingSettings
from housekey.house import House, Unit
from housekey.kernel import clock, tokens
from housekey.login.events import LoginRefused
from housekey.store.inserting import insert_or_find

log = logging.getLogger("housekey")
KEY = tokens.digest("stuffing")
"""Its row among the windows; `expires_at` says how long it stands."""
WINDOW = timedelta(minutes=1)
LOOK_EVERY = timedelta(seconds=10)
"""How old the knowledge of a process may be that has refused nobody lately: so a login costs no look of its own."""
PROLONG_EVERY = timedelta(minutes=1)


class Watch:
    """What this process knows, for one app."""

    def __init__(self) -> None:
        self.stands_until: datetime | None = None
        self.looked_at: datetime | None = None

    def learn(self, stands_until: datetime | None) -> None:
        self.stands_until, self.looked_at = stands_until, clock.now()

    @property
    def sees_it(self) -> bool:
        return self.stands_until is not None and clock.now() < self.stands_until

    @property
    def knows(self) -> bool:
        return self.looked_at is not None and clock.now() - self.looked_at < LOOK_EVERY


def stands(house: House) -> bool:
    """Whether a mailed code is asked for now."""
    watch = house.service(Watch)
    if not house.settings[StuffingSettings].refusals_per_minute:
        return False
    if not watch.sees_it and not watch.knows:
        watch.learn(_until(house))
    return watch.sees_it


def _until(house: House) -> datetime | None:
    """How long it stands. If it doesn't any more, that is told."""
    with house.read() as connection:
        until: datetime | None = connection.execute(_standing(house)).scalar()
    if until is not None and until <= clock.now():
        house.run(_end)
    return until


def _standing(house: House) -> sa.Select[Any]:
    table = house.store.tables["windows"]
    return sa.select(table.c.expires_at).where(table.c.key == KEY)


def notice(house: House, event: LoginRefused, session: Any) -> None:
    """A login is refused, and will stand in the log."""
    unit, limit = Unit(house, session), house.settings[StuffingSettings].refusals_per_minute or 0
    refused = 1 + reading.how_many(unit, house, LoginRefused.__name__, since=clock.now() - WINDOW, at_most=limit)
    if refused * 2 < limit:
        return
    until = unit.execute(_standing(house)).scalar()
    if until is not None and until <= clock.now():
        _end(unit)
        until = None
    if until is not None:
        until = _prolonged(unit, until)
    elif refused >= limit:
        until = _begun(unit, refused)
    house.service(Watch).learn(until)


def _next_end(house: House) -> datetime:
    return clock.now() + house.settings[StuffingSettings].calm_after


def _prolonged(unit: Unit, until: datetime) -> datetime:
    """Once a minute, so that refusals don't queue up at the row."""
    later = _next_end(unit.house)
    if later - until < PROLONG_EVERY:
        return until
    table = unit.tables["windows"]
    mine = (table.c.key == KEY) & (table.c.expires_at == until)
    unit.execute(sa.update(table).where(mine).values(expires_at=later))
    return later


def _begun(unit: Unit, refused: int) -> datetime:
    until = _next_end(unit.house)
    row = {"key": KEY, "entries": [], "expires_at": until}
    if insert_or_find(unit.session, unit.tables["windows"], row, lambda: until):
        return until  # another process has seen it in this moment
    log.warning("%d logins were refused in a minute: a mailed code is asked of browsers that are not known", refused)
    unit.publish(StuffingBegan(refusals=refused, at=clock.now()))
    return until


def end_if_over(house: House) -> Mapping[str, int]:
    """Before a sweep, which would take the row away and say nothing; this takes no rows itself."""
    _until(house)
    return {}


def _end(unit: Unit) -> None:
    table = unit.tables["windows"]
    over = sa.delete(table).where(table.c.key == KEY, table.c.expires_at <= clock.now())
    if unit.execute(over).rowcount:
        log.warning("logins are no longer refused in masses: no mailed code is asked for")
        unit.publish(StuffingEnded(at=clock.now()))
