"""A first password, for somebody who is logged in without one: by a passkey, by mail, by a host's own login."""

from __future__ import annotations

from functools import partial
from typing import Any

from housekey.capabilities.passwords import actions
from housekey.errors import Conflict, InvalidInput, NotLoggedIn
from housekey.house import House, Unit
from housekey.kernel.secret import Secret
from housekey.kernel.texts import text as _
from housekey.login import Client
from housekey.store import devices, sessions, users

HAS_ONE = _("You have a password already. Change it instead.")


def add(house: House, client: Client, *, user_id: Any, session_id: str, new: Secret) -> None:
    """Give it to whoever has just proved who they are; all other sessions end. Raises `Conflict` for somebody who has
    one, `InvalidInput` for `new` (all its faults), `NotLoggedIn` and `Busy`."""
    _refuse_second(house, user_id)
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, user_id)
    if faults := actions.judge(house, new, actions.words_of(user), least=actions.least_for(house, user_id)):
        raise InvalidInput({"new": faults})
    made, short = actions.hashed(house, new, client.network), actions.is_too_short_alone(house, new)
    house.run(partial(_add, client=client, user_id=user_id, session_id=session_id, made=made, short=short))


def _refuse_second(house: House, user_id: Any) -> None:
    if actions.own(house, user_id):
        raise Conflict(HAS_ONE)


def _add(unit: Unit, client: Client, user_id: Any, session_id: str, made: str, short: bool) -> None:
    """Judged again under the lock: the session may have been ended, or another one have set a password."""
    user = users.lock(unit.session, unit.schema, user_id)
    if not sessions.still_opens(unit, unit.schema, session_id, user):
        raise NotLoggedIn()
    if actions.enrolled(unit.session, unit.schema, user_id):
        raise Conflict(HAS_ONE)
    device = devices.known(unit.session, unit.schema, user_id, client.device_token)
    actions.replace(unit, user_id, made, by="user", keep=session_id, keep_device=device, short=short)
