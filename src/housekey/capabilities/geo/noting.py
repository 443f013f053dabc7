"""Remembering from which countries somebody logs in, and telling of a new one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from housekey.capabilities.geo.events import NewCountry
from housekey.capabilities.notices.notice import Notice
from housekey.capabilities.notices.settings import NoticeSettings
from housekey.house import House, Unit
from housekey.login.events import LoggedIn
from housekey.store.users import UserFacts


def note(house: House, event: LoggedIn, session: Any) -> None:
    """Called in the transaction of the login, which holds the account's lock: of parallel logins each sees what the one
    before has noted."""
    country = house.locate(event.address)
    if country is None:
        return
    unit, table = Unit(house, session), house.store.tables["countries"]
    mine = table.c.user_id == event.user_id
    seen = sa.update(table).where(mine, table.c.code == country.code).values(last_seen_at=event.at)
    if unit.execute(seen).rowcount:
        return
    has_others = unit.execute(sa.select(table.c.code).where(mine).limit(1)).first() is not None
    row = {"user_id": event.user_id, "code": country.code, "first_seen_at": event.at, "last_seen_at": event.at}
    unit.execute(sa.insert(table).values(row))
    if has_others:
        unit.publish(_told(event, country.code))


def _told(event: LoggedIn, code: str) -> NewCountry:
    return NewCountry(
        user_id=event.user_id,
        session_id=event.session_id,
        country=code,
        address=event.address,
        user_agent=event.user_agent,
        new_device=event.new_device,
        at=event.at,
    )


def is_news(house: House, event: NewCountry, user: UserFacts) -> bool:
    """The notice about a new device names the country, too: one login is told once."""
    return not (event.new_device and house.settings[NoticeSettings].new_device)


NEW_COUNTRY: Notice[NewCountry] = Notice(
    event=NewCountry, name="new_country", template="housekey/geo/mails/new_country", wanted=is_news
)
