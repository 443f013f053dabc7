"""The verbs of those who manage users."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from housekey import login
from housekey.capabilities.admin.events import ResetLinkSent, UserDisabled, UserEnabled
from housekey.capabilities.admin.rights import Rights
from housekey.capabilities.factors import resets
from housekey.capabilities.factors.resets import Askers
from housekey.capabilities.leaving import closing as leaving
from housekey.capabilities.leaving import erasing, exporting
from housekey.capabilities.leaving.exporting import Export
from housekey.capabilities.notices import freezing
from housekey.capabilities.recovery import actions as recovery
from housekey.capabilities.roles import actions as roles
from housekey.errors import BeyondOwnRights, Conflict, Forbidden, InvalidInput, LastManager, NotFound, OwnAccount
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.store import users
from housekey.store.users import UserFacts

LOG_OUT = _("This is your own account. Log out everywhere on the page of your sessions.")
SHUT = _("Nobody can log in to this account as it is. Open it first.")
NO_ADDRESS = _("There is no e-mail address to send it to.")
SENT_ALREADY = _("A link was sent a moment ago. It works still.")
OWN_FACTORS = _("This is your own account. Remove your second factors on the page of your two-step login.")
BY = "administrator"
OWNER_ONLY = _("Only its owner freezes an account. Disable it instead.")


@dataclass(frozen=True)
class Wanted:
    """What is to be other than before. None leaves it as it is; `roles` are all that the user is to have. A freeze is
    lifted here, never made."""

    disabled: bool | None = None
    frozen: bool | None = None
    closing: bool | None = None
    roles: Collection[str] | None = None


def change(house: House, actor_id: Any, user_id: Any, wanted: Wanted) -> None:
    """Disable or enable a user, lift a freeze, close or keep the account, and give or take roles, on the word of the
    user `actor_id`.

    Raises `NotFound`, `InvalidInput` (a role that doesn't exist), and, with nothing changed, `OwnAccount`,
    `BeyondOwnRights`, `LastManager` or `Forbidden` (the actor may no longer manage users).
    """
    if wanted.frozen:
        raise InvalidInput.of("frozen", "owner_only", OWNER_ONLY)
    house.run(lambda unit: _change(unit, actor_id, user_id, wanted))
    if wanted.closing:
        erasing.erase(house, user_id)  # at once, where the site gives nobody time


def end_sessions(house: House, actor_id: Any, user_id: Any) -> None:
    """Log a user out everywhere. Raises as `change` does."""
    house.run(lambda unit: _end_sessions(unit, actor_id, user_id))


def _end_sessions(unit: Unit, actor_id: Any, user_id: Any) -> None:
    _actor, user = _both(unit, actor_id, user_id)
    if user.id == actor_id:
        raise OwnAccount(LOG_OUT)
    login.end_all(unit, user.id, "administrator")


def send_reset_link(house: House, actor_id: Any, user_id: Any) -> None:
    """Mail a user the link to a new password. Raises as `change` does, and `Conflict` where none can be sent now."""
    recovery.refuse_if_closed(house)
    house.run(lambda unit: _send_reset_link(unit, actor_id, user_id))


def _send_reset_link(unit: Unit, actor_id: Any, user_id: Any) -> None:
    _actor, user = _both(unit, actor_id, user_id)
    if user.is_shut:
        raise Conflict(SHUT)
    if not user.email:
        raise Conflict(NO_ADDRESS)
    if not recovery.send_link(unit, user):
        raise Conflict(SENT_ALREADY)
    unit.publish(ResetLinkSent(user_id=user.id, actor=actor_id, at=clock.now()))


def reset_factors(house: House, actor_id: Any, user_id: Any) -> datetime | None:
    """Take all second factors of a user who has lost them; when, where the site lets it wait, or None if it is done.
    Raises as `change` does, and `Conflict` if there is none, or if a reset waits already."""
    return house.run(lambda unit: resets.begin(unit, _others(unit, actor_id, user_id).id, by=BY, actor=actor_id))


def stop_reset(house: House, actor_id: Any, user_id: Any) -> None:
    """Let a user keep the second factors that were to be reset. Raises as `change` does, and `Conflict` if no reset
    waits."""
    house.run(lambda unit: resets.stop(unit, _others(unit, actor_id, user_id).id, by=BY, actor=actor_id))


class ResetAskers(Askers):
    """Whoever has asked for a reset could do so now as well: still there, still in office, and not below that user."""

    def may_still(self, unit: Unit, actor_id: Any, user_id: Any) -> bool:
        try:
            return _manager(unit, actor_id).may_touch(rights_of(unit, user_id))
        except Forbidden:
            return False


def _others(unit: Unit, actor_id: Any, user_id: Any) -> UserFacts:
    """The user, who is somebody else than the actor."""
    _actor, user = _both(unit, actor_id, user_id)
    if user.id == actor_id:
        raise OwnAccount(OWN_FACTORS)
    return user


def _both(unit: Unit, actor_id: Any, user_id: Any) -> tuple[Rights, UserFacts]:
    """What the actor may do, and the user, who is locked and not above the actor."""
    roles.lock_managers(unit)
    user = users.lock(unit.session, unit.schema, user_id)
    actor = _manager(unit, actor_id)
    if user is None:
        raise NotFound()
    if not actor.may_touch(rights_of(unit, user.id)):
        raise BeyondOwnRights()
    return actor, user


def _change(unit: Unit, actor_id: Any, user_id: Any, wanted: Wanted) -> None:
    actor, user = _both(unit, actor_id, user_id)
    if wanted.roles is not None:
        _set_roles(unit, actor_id, actor, user, frozenset(wanted.roles))
    if wanted.disabled is not None and wanted.disabled != (user.disabled_at is not None):
        if user.id == actor_id:
            raise OwnAccount()
        set_disabled(unit, user.id, wanted.disabled, actor=actor_id)
    if wanted.frozen is False and user.frozen_at is not None:
        freezing.unfreeze(unit, user.id, by="administrator", actor=actor_id)
    if wanted.closing is not None and wanted.closing != (user.closing_at is not None):
        _set_closing(unit, user, wanted.closing, actor_id)
    if not roles.anyone_manages(unit):
        raise LastManager()


def _set_closing(unit: Unit, user: UserFacts, closing: bool, actor_id: Any) -> None:
    """One's own account is closed by oneself, on a page that says what that means."""
    if user.id == actor_id:
        raise OwnAccount()
    if closing:
        leaving.begin(unit, user, by="administrator", actor=actor_id)
    else:
        leaving.stop(unit, user.id, by="administrator", actor=actor_id)


def export(house: House, actor_id: Any, user_id: Any, profile: Mapping[str, Any]) -> Export:
    """Everything that is known of a user, on the word of the user `actor_id`. Raises `NotFound`, `BeyondOwnRights` or
    `Forbidden`."""

    def judged(unit: Unit) -> Export:
        _both(unit, actor_id, user_id)
        return exporting.read_out(unit, user_id, profile, actor_id)

    return house.run(judged)


def _manager(unit: Unit, actor_id: Any) -> Rights:
    """Asked again under the lock: the page was opened to the actor before it."""
    actor = users.by_id(unit.session, unit.schema, actor_id)
    rights = rights_of(unit, actor_id)
    if actor is None or actor.is_shut or not rights.may_manage:
        raise Forbidden()
    return rights


def rights_of(unit: Unit, user_id: Any) -> Rights:
    """What a user may do."""
    return Rights.of(roles.permitted_by(unit, roles.roles_of(unit, user_id)))


def _set_roles(unit: Unit, actor_id: Any, actor: Rights, user: UserFacts, wanted: frozenset[str]) -> None:
    held = roles.roles_of(unit, user.id)
    refuse_beyond(unit, actor, wanted ^ held)
    for name in sorted(wanted - held):
        roles.grant(unit, user.id, name, actor=actor_id)
    for name in sorted(held - wanted):
        roles.revoke(unit, user.id, name, actor=actor_id)


def refuse_beyond(unit: Unit, actor: Rights, names: Collection[str]) -> None:
    """Raise `InvalidInput` for a role that doesn't exist, and `BeyondOwnRights` for one that `actor` can neither give
    nor take."""
    known = roles.present(unit, names)
    for name in sorted(names):
        if name not in known:
            raise InvalidInput.of("roles", "unknown_role", _("There is no role {name}.", name=name))
        if not actor.may_hand_out(name, roles.permissions_of(unit, [name])):
            raise BeyondOwnRights(_("You can't give or take the role {name}.", name=name))


def set_disabled(unit: Unit, user_id: Any, disabled: bool, *, actor: Any = None) -> None:
    """Shut a user out at once, or let the user in again; asks nobody's leave. A login under way ends too: it began
    under another `security_version` (flaw 56)."""
    if disabled:
        login.end_all(unit, user_id, "disabled")
    users.set_disabled(unit.session, unit.schema, user_id, disabled)
    happened = UserDisabled if disabled else UserEnabled
    unit.publish(happened(user_id=user_id, actor=actor, at=clock.now()))
