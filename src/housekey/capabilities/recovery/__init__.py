"""Getting back in by mail: a forgotten password, a forgotten username."""

from housekey.capabilities.recovery import api, events, pages
from housekey.capabilities.recovery.settings import RecoverySettings
from housekey.capability import Capability

capability = Capability(
    name="recovery",
    settings=RecoverySettings,
    pages=pages.pages,
    api=api.api,
    events=(events.RecoveryRequested,),
    needs=("links", "mail", "passwords", "registration", "verification"),
)
