"""Seeing where you are logged in, and ending it."""

from housekey.capabilities.sessions import api, overview, pages
from housekey.capability import Capability, MenuItem
from housekey.kernel.texts import text as _
from housekey.login.events import SessionEnded
from housekey.login.settings import SessionSettings

capability = Capability(
    name="sessions",
    settings=SessionSettings,
    pages=pages.pages,
    api=api.api,
    events=(SessionEnded,),
    menu=[MenuItem(label=_("Where you're logged in"), endpoint="housekey.sessions")],
    overview=overview.about_sessions,
)
