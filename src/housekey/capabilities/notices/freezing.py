"""An account that its owner has shut, and how it is opened again."""

from __future__ import annotations

from typing import Any

from housekey import login
from housekey.capabilities.links import actions as links
from housekey.capabilities.links.actions import Link
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


def version_of(link: Link) -> int:
    """Under which `security_version` that was valid which the link of a notice puts back."""
    return int(link.details["version"])


def outrank(unit: Unit, user_id: Any, version: int) -> None:
    """The older link has the word: those about what came later end. A thief who has changed the address reads them."""
    links.end(unit, UNDO, user_id=user_id, which=lambda link: version_of(link) > version)


def unfreeze(unit: Unit, user_id: Any, *, by: str, actor: Any = None) -> None:
    """Open it again; asks nobody's leave. The links of notices have done their work: whoever holds an old one can't
    shut the account a second time, nor open it."""
    links.end(unit, UNDO, user_id=user_id)
    former.forget(unit.session, unit.schema, user_id)
    _open(unit, AccountUnfrozen(user_id=user_id, by=by, actor=actor, at=clock.now()))


def give_back(unit: Unit, user_id: Any, version: int) -> None:
    """Open it to the owner, as it was under that `security_version`. Links of that time and later have done their work.
    Older ones go on working: it may be a thief who has opened it, by a link to an address of the thief's."""
    links.end(unit, UNDO, user_id=user_id, which=lambda link: version_of(link) >= version)
    _open(unit, AccountUnfrozen(user_id=user_id, by="owner", version=version, at=clock.now()))


def _open(unit: Unit, happened: AccountUnfrozen) -> None:
    users.lock(unit.session, unit.schema, happened.user_id)
    users.set_frozen(unit.session, unit.schema, happened.user_id, False)
    unit.publish(happened)
