"""On whose word an invitation holds: asked when it is sent, when it is sent again, and when it is used."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from housekey.capabilities.admin import actions as admin
from housekey.capabilities.admin.rights import Rights
from housekey.capabilities.links.actions import Link
from housekey.capabilities.roles import actions as roles
from housekey.capabilities.roles.actions import ADMIN
from housekey.errors import Forbidden
from housekey.house import Unit
from housekey.store import users
from housekey.store.users import UserFacts

INVITE_USERS = "users:invite"


@dataclass(frozen=True)
class Inviter:
    """A user who may invite; or the site's operator, who is no user and may give any role."""

    user: UserFacts | None
    rights: Rights

    @property
    def id(self) -> Any:
        return self.user.id if self.user else None

    @property
    def address(self) -> str | None:
        """What the mail says of the one who invites: nothing but a confirmed address, for a name is free to say
        “Your bank, call …” (flaw 60)."""
        return self.user.email if self.user and self.user.email_verified_at else None

    @property
    def sees_everybody(self) -> bool:
        """Whether to say that an address has an account: those who manage users see all of them anyway."""
        return self.user is None or self.rights.may_manage


OPERATOR = Inviter(None, Rights())


def inviter(unit: Unit, user_id: Any) -> Inviter:
    """The user who invites, locked; None stands for the operator. Raises `Forbidden`: shut, gone, or demoted."""
    if user_id is None:
        return OPERATOR
    user = users.lock(unit.session, unit.schema, user_id)
    rights = admin.rights_of(unit, user_id)
    if user is None or user.is_shut or INVITE_USERS not in rights.permissions:
        raise Forbidden()
    return Inviter(user, rights)


def refuse_roles(unit: Unit, by: Inviter, names: Collection[str]) -> None:
    """Raise `InvalidInput`, `NotFound` or `BeyondOwnRights` for roles that `by` can't give, or can't give any more."""
    if by.user is not None:
        admin.refuse_beyond(unit, by.rights, names)
        return
    for name in names:
        if name != ADMIN:  # it is made when it is first given
            roles.require(unit, name)


def still_holds(unit: Unit, link: Link) -> bool:
    """Whether an invitation could be sent now as well; asked under the lock of whoever has sent it."""
    by = users.lock(unit.session, unit.schema, link.user_id) if link.user_id is not None else None
    permitted = roles.permitted_by(unit, roles.present(unit, roles_of(link)))
    return holds(link, by, admin.rights_of(unit, link.user_id), permitted)


def holds(link: Link, by: UserFacts | None, rights: Rights, permitted: Mapping[str, Collection[str]]) -> bool:
    """The same, of what was read: whoever has sent it, what that one may do, and what each role permits that exists.

    A change of password ends it, too: whoever had stolen the account might have invited themselves.
    """
    if link.user_id is None:
        return all(name in permitted or name == ADMIN for name in roles_of(link))
    may_invite = by is not None and not by.is_shut and INVITE_USERS in rights.permissions
    unchanged = by is not None and by.security_version == link.security_version
    names = roles_of(link)
    may_give = all(name in permitted and rights.may_hand_out(name, permitted[name]) for name in names)
    return may_invite and unchanged and may_give


def roles_of(link: Link) -> tuple[str, ...]:
    """The roles that come with it."""
    return tuple(link.details["roles"])
