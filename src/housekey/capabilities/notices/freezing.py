"""An account that its owner has shut, and how it is opened again."""

from __future__ import annotations

from typing import Any

from housekey import login
from housekey.capabilities.links import actions as links
from housekey.capabilities.notices.events import AccountFrozen, AccountUnfrozen
from housekey.capabilities.notices.notice import UNDO
from housekey.capabilities.passwords import former
from housekey.house import Unit
from housekey.kernel import clock
from housekey.store import users
from housekey.store.users import UserFacts


def freeze(unit: Unit, user: UserFacts) -> None:
    """Shut a user's account: all sessions, logins under way, links and known devices end, and nobody can log in. The
    user is locked. The links of notices go on working: they are the way back."""
    users.set_frozen(unit.session, unit.schema, user.id, True)
    login.end_all(unit, user.id, "frozen", forget_devices=True)
    unit.publish(AccountFrozen(user_id=user.id, at=clock.now()))


def unfreeze(unit: Unit, user_id: Any, *, by: str, actor: Any = None) -> None:
    """Open it again; asks nobody's leave. The links of notices have done their work: whoever holds an old one can't
    shut the account a second time, nor open it."""
    users.lock(unit.session, unit.schema, user_id)
    users.set_frozen(unit.session, unit.schema, user_id, False)
    links.end(unit, UNDO, user_id=user_id)
    former.forget(unit.session, unit.schema, user_id)
    unit.publish(AccountUnfrozen(user_id=user_id, by=by, actor=actor, at=clock.now()))
