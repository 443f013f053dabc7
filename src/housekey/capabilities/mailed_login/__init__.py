"""Logging in by a mail: its link, or the code beside it."""

from housekey.capabilities.mailed_login import api, events, pages
from housekey.capabilities.mailed_login.settings import MailedLoginSettings
from housekey.capability import Capability
from housekey.house import House


def start(house: House) -> None:
    """Say whether a mail is a first step here: a key that doesn't verify its holder is the second one after it."""
    house.opens_by_mail = lambda: house.settings[MailedLoginSettings].open


capability = Capability(
    name="mailed_login",
    settings=MailedLoginSettings,
    pages=pages.pages,
    api=api.api,
    events=(events.LoginMailRequested,),
    needs=("links", "mail", "passwords", "verification"),
    start=start,
)
