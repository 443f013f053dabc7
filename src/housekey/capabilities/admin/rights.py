"""Who may do what to whom (flaw 48): nobody gives, takes or touches more than they may do themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from housekey.capabilities.roles.actions import ADMIN, MANAGE_USERS


@dataclass(frozen=True)
class Rights:
    """What a user may do: the roles by name, all that they permit, and which of them permit nothing and so can only
    count by their name."""

    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    names_only: frozenset[str] = frozenset()

    @classmethod
    def of(cls, permitted: Mapping[str, Collection[str]]) -> Rights:
        """From the roles that a user has, each with what it permits."""
        together = frozenset[str]().union(*permitted.values())
        return cls(frozenset(permitted), together, frozenset(name for name, may in permitted.items() if not may))

    @property
    def may_manage(self) -> bool:
        return MANAGE_USERS in self.permissions

    def may_touch(self, other: Rights) -> bool:
        """Whether a user with these rights may change one with those: only who could as well take each of their roles
        away. Otherwise a helpdesk could shut out the people that a host's views know as `roles_required("owner")`."""
        counting = other.names_only | (other.roles & {ADMIN})
        return other.permissions <= self.permissions and all(self._has_or_is_admin(role) for role in counting)

    def may_hand_out(self, role: str, permissions: Collection[str]) -> bool:
        """Whether a user with these rights may give or take a role.

        A host's views may also ask for a role by its name (`roles_required("staff")`). So the role admin, and a role
        that permits nothing of its own and so can only count by its name, are handed out by those who have them;
        the role admin hands out the latter too.
        """
        if not self.permissions.issuperset(permissions):
            return False
        counts_by_name = role == ADMIN or not permissions
        return not counts_by_name or self._has_or_is_admin(role)

    def _has_or_is_admin(self, role: str) -> bool:
        return role in self.roles or ADMIN in self.roles
