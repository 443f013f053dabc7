"""Bringing people in from another system: their names, hashes, roles and profile, from a file."""

from housekey.capabilities.importing import events
from housekey.capability import Capability

capability = Capability(
    name="importing",
    events=(events.UsersImported,),
    needs=("passwords", "registration", "roles"),
)
