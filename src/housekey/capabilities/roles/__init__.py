"""Roles with permissions, granted to users; the guards ask for them."""

from housekey.capabilities.roles import actions, events, tables
from housekey.capability import Capability
from housekey.house import House
from housekey.web.events import AccessRefused
from housekey.web.refusals import Refusals


def start(house: House) -> None:
    """Let identities know their roles, guards which names mean nothing, and the log who was refused what."""
    house.grants, house.unborne = actions.grants_of, actions.unborne
    house.provide(Refusals())


capability = Capability(
    name="roles",
    tables=tables.define,
    events=(events.RoleGranted, events.RoleRevoked, events.RoleChanged, events.RoleDeleted, AccessRefused),
    start=start,
)
