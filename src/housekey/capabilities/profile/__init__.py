"""Seeing and changing who one is on this site: name, username, language, time zone and the host's own fields."""

from housekey.capabilities.profile import api, pages
from housekey.capabilities.profile.events import ProfileChanged
from housekey.capability import Capability, MenuItem
from housekey.kernel.texts import text as _

capability = Capability(
    name="profile",
    pages=pages.pages,
    api=api.api,
    events=(ProfileChanged,),
    menu=[MenuItem(label=_("Your profile"), endpoint="housekey.profile")],
    needs=("registration",),
)
