"""Who may do what to whom (flaw 48): nobody gives, takes or touches more than they may do themselves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from housekey.capabilities.roles.actions import ADMIN, MANAGE_USERS


@dataclass(frozen=True)
class Rights:
    """What a user may do: the roles by name, and all that they permit."""

    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()

    @property
    def may_manage(self) -> bool:
        return MANAGE_USERS in self.permissions

    def may_touch(self, other: Rights) -> bool:
        """Whether a user with these rights may change one with those."""
        beyond = other.permissions - self.permissions
        return not beyond and (ADMIN not in other.roles or ADMIN in self.roles)

    def may_hand_out(self, role: str, permissions: Collection[str]) -> bool:
        """Whether a user with these rights may give or take a role.

        A host's views may also ask for a role by its name (`roles_required("staff")`). So the role admin, and a role
        that permits nothing of its own and so can only count by its name, are handed out by those who have them;
        the role admin hands out the latter too.
        """
        if not self.permissions.issuperset(permissions):
            return False
        counts_by_name = role == ADMIN or not permissions
        return not counts_by_name or role in self.roles or ADMIN in self.roles
