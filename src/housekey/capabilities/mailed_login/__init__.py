"""Logging in by a mail: its link, or the code beside it."""

from housekey.capabilities.mailed_login import api, events, pages
from housekey.capabilities.mailed_login.settings import MailedLoginSettings
from housekey.capability import Capability

capability = Capability(
    name="mailed_login",
    settings=MailedLoginSettings,
    pages=pages.pages,
    api=api.api,
    events=(events.LoginMailRequested,),
    needs=("links", "mail", "passwords", "verification"),
)
