"""An account that is to be erased, and how it is kept after all. Parts of transactions in which the user is locked."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from housekey import login
from housekey.capabilities.leaving.events import ClosingBegun, ClosingStopped
from housekey.capabilities.leaving.settings import LeavingSettings
from housekey.house import Unit
from housekey.kernel import clock
from housekey.store import users
from housekey.store.users import UserFacts


def begin(unit: Unit, user: UserFacts, *, by: str, actor: Any = None, keep: str | None = None) -> None:
    """Set the day. All that the user was granted ends, save the session `keep`: whoever has stolen one may not sit and
    wait for the account to go, nor keep it."""
    moment = clock.now()
    closes_at = moment + unit.house.settings[LeavingSettings].delay
    login.end_all(unit, user.id, "closing", keep=keep)
    users.set_closing(unit.session, unit.schema, user.id, closes_at)
    unit.publish(ClosingBegun(user_id=user.id, by=by, actor=actor, closes_at=closes_at, at=moment))


def stop(unit: Unit, user_id: Any, *, by: str, actor: Any = None) -> None:
    """Keep the account. One that is shut, because erasing it has failed, stays shut until somebody enables it."""
    users.set_closing(unit.session, unit.schema, user_id, None)
    unit.publish(ClosingStopped(user_id=user_id, by=by, actor=actor, at=clock.now()))


def put_off_all(unit: Unit) -> int:
    """Give every closing account its whole time anew: in a backup that was put back, accounts may be closing that were
    kept since. Says how many."""
    accounts = unit.tables["accounts"]
    closes_at = clock.now() + unit.house.settings[LeavingSettings].delay
    later = sa.update(accounts).where(accounts.c.closing_at < closes_at).values(closing_at=closes_at)
    return int(unit.execute(later).rowcount)


def stop_for_frozen(unit: Unit, user_id: Any) -> None:
    """“This wasn't me” keeps the account; but not against those who run the site and have disabled it as well."""
    user = users.lock(unit.session, unit.schema, user_id)
    if user is not None and user.closing_at is not None and user.disabled_at is None:
        stop(unit, user_id, by="freeze")
