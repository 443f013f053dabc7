"""Roles with permissions, granted to users; the guards ask for them."""

from housekey.capabilities.roles import actions, events, tables
from housekey.capability import Capability
from housekey.house import House


def start(house: House) -> None:
    """Let identities know their roles, and guards which names mean nothing."""
    house.grants, house.unborne = actions.grants_of, actions.unborne


capability = Capability(
    name="roles",
    tables=tables.define,
    events=(events.RoleGranted, events.RoleRevoked, events.RoleChanged, events.RoleDeleted),
    start=start,
)
