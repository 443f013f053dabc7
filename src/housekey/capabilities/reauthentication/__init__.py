"""Proving again who you are, in a session that has gone stale."""

from housekey.capabilities.reauthentication import api, pages
from housekey.capability import Capability
from housekey.login.events import SteppedUp

capability = Capability(
    name="reauthentication", pages=pages.pages, api=api.api, events=(SteppedUp,), needs=("mailed_login", "passwords")
)
