"""One's account at a glance. What is said there, each capability says itself (`Capability.overview`)."""

from housekey.capabilities.overview import pages
from housekey.capability import Capability, MenuItem
from housekey.kernel.texts import text as _

capability = Capability(
    name="overview",
    pages=pages.pages,
    menu=[MenuItem(label=_("Your account"), endpoint="housekey.overview")],
)
