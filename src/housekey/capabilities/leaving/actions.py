"""The verbs of leaving, as one's own account is concerned."""

from __future__ import annotations

from functools import partial
from typing import Any

from housekey.capabilities.leaving import closing, erasing
from housekey.capabilities.leaving.settings import LeavingSettings
from housekey.capabilities.roles import actions as roles
from housekey.errors import Forbidden, LastManager, NotLoggedIn
from housekey.house import House, Unit
from housekey.kernel.texts import text as _
from housekey.store import sessions, users
from housekey.store.users import UserFacts

CLOSED = _("Accounts aren't closed by their owners on this site. Ask those who run it.")


def refuse_if_closed(house: House) -> None:
    """Raises `Forbidden` where people don't close their accounts themselves."""
    if not house.settings[LeavingSettings].open:
        raise Forbidden(CLOSED)


def own(house: House, user_id: Any) -> UserFacts:
    """The account of the one who asks. Raises `NotLoggedIn` for one who is gone."""
    with house.read() as connection:
        return _present(users.by_id(connection, house.store.schema, user_id))


def _present(user: UserFacts | None) -> UserFacts:
    if user is None:
        raise NotLoggedIn()
    return user


def close(house: House, user_id: Any, session_id: str | None) -> bool:
    """Have one's own account erased after the site's delay; whether it is gone already. A second wish changes nothing.
    `session_id`: in which this was asked for; None: in none, a task of the host's, say.

    Raises `Forbidden`, `LastManager` and `NotLoggedIn`.
    """
    refuse_if_closed(house)
    house.run(partial(_close, user_id=user_id, session_id=session_id))
    return erasing.erase(house, user_id)


def _close(unit: Unit, user_id: Any, session_id: str | None) -> None:
    roles.lock_managers(unit)
    user = _present(users.lock(unit.session, unit.schema, user_id))
    if session_id is not None and not sessions.still_opens(unit, unit.schema, session_id, user):
        raise NotLoggedIn()
    if user.closing_at is not None:
        return
    was_managed = roles.anyone_manages(unit)
    closing.begin(unit, user, by="owner", keep=session_id)
    if was_managed and not roles.anyone_manages(unit):
        raise LastManager()


def keep(house: House, user_id: Any) -> None:
    """Keep one's own account. Nothing happens if it isn't closing. Of this and the sweep that erases, one wins: both
    lock the account first. Raises `NotLoggedIn` if the sweep has won."""
    house.run(partial(_keep, user_id=user_id))


def _keep(unit: Unit, user_id: Any) -> None:
    user = _present(users.lock(unit.session, unit.schema, user_id))
    if user.closing_at is not None:
        closing.stop(unit, user.id, by="owner")
