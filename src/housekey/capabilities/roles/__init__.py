"""Roles with permissions, granted to users; the guards ask for them."""

from housekey.capabilities.roles import actions, events, tables
from housekey.capability import Capability
from housekey.house import House


def start(house: House) -> None:
    """Let identities know their roles."""
    house.grants = actions.grants_of


capability = Capability(
    name="roles",
    tables=tables.define,
    events=(events.RoleGranted, events.RoleRevoked, events.RoleChanged, events.RoleDeleted),
    start=start,
)
