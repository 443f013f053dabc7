"""Erasing the accounts whose time has come, for good.

What can't be erased, because rows of the host refer to the user or a listener of `UserDeleted` fails, is shut at once
and told to the operator; it is tried again every day.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from housekey import login
from housekey.capabilities.leaving.events import ErasingFailed
from housekey.capabilities.leaving.farewell import farewell
from housekey.capabilities.registration import actions as registration
from housekey.errors import HostTransactionOpen
from housekey.house import House, Unit
from housekey.kernel import circumstances, clock
from housekey.kernel.circumstances import Circumstances
from housekey.kernel.deadlocks import is_timing
from housekey.store import users

log = logging.getLogger("housekey.leaving")
AGAIN_AFTER = timedelta(days=1)
FEW = 3
"""Accounts in a small sweep: at the end of somebody's request, and the host's listeners may take their time."""


def erase_due(house: House) -> dict[str, int]:
    """Erase all accounts whose time has come; says how many. For `flask housekey sweep`."""
    return {"closed accounts": sum(erase(house, user_id) for user_id in _due(house))}


def erase_some(house: House) -> None:
    """A few of them, in a busy process: in nobody's name, whose ever the request is."""
    with circumstances.under(Circumstances()):
        for user_id in _due(house, FEW):
            with _or_shut(house, user_id), house.store.write_at_once() as session:
                _erase(Unit(house, session), user_id)


def _due(house: House, limit: int | None = None) -> list[Any]:
    accounts = house.store.tables["accounts"]
    due = sa.select(accounts.c.user_id).where(accounts.c.closing_at <= clock.now()).order_by(accounts.c.closing_at)
    with house.read() as connection:
        return list(connection.scalars(due.limit(limit)))


def erase(house: House, user_id: Any) -> bool:
    """Erase an account if its time has come; whether it is gone. Raises only what it isn't to blame for, such as a
    database that is down."""
    with _or_shut(house, user_id):
        return house.run(partial(_erase, user_id=user_id))
    return False


@contextmanager
def _or_shut(house: House, user_id: Any) -> Iterator[None]:
    """Shut the account if erasing it fails."""
    try:
        yield
    except HostTransactionOpen:
        raise
    except Exception as error:  # whatever a listener of the host may raise
        if is_timing(error):
            raise
        house.run(partial(_fail, user_id=user_id, error=error))


def _erase(unit: Unit, user_id: Any) -> bool:
    """Judged under the lock: the owner may have kept it since it was found."""
    user = users.lock(unit.session, unit.schema, user_id)
    if user is None:
        return True
    if user.closing_at is None or user.closing_at > clock.now():
        return False
    say_farewell = farewell(unit, user)
    registration.remove(unit, user_id)
    say_farewell()
    return True


def _fail(unit: Unit, user_id: Any, error: Exception) -> None:
    user, moment = users.lock(unit.session, unit.schema, user_id), clock.now()
    if user is None or user.closing_at is None:
        return
    users.set_closing(unit.session, unit.schema, user_id, moment + AGAIN_AFTER, user.erasing_failed_at or moment)
    if user.disabled_at is None:
        users.set_disabled(unit.session, unit.schema, user_id, True)
    login.end_all(unit, user_id, "closing")
    kind = type(error).__name__
    unit.publish(ErasingFailed(user_id=user_id, error=kind, next_try_at=moment + AGAIN_AFTER, at=moment))
    _log(user.key, error)


def _log(key: str, error: Exception) -> None:
    """A database says in its own words which table refers to the user; SQLAlchemy's would quote the values."""
    why: Any = error.orig if isinstance(error, DBAPIError) else None
    log.error(
        "the closed account %s could not be erased (%s); it is shut, and tried again in a day",
        key,
        why or type(error).__name__,
        exc_info=None if why else error,
    )
