"""Proving again who you are, in a session that has gone stale."""

from housekey.capabilities.reauthentication import api, keeping, pages, tables, ways
from housekey.capabilities.reauthentication.settings import ReauthenticationSettings
from housekey.capability import Capability
from housekey.house import House
from housekey.login.events import SteppedUp


def start(house: House) -> None:
    keeping.start(house)
    ways.provide(house)


capability = Capability(
    name="reauthentication",
    settings=ReauthenticationSettings,
    tables=tables.define,
    pages=pages.pages,
    api=api.api,
    events=(SteppedUp,),
    needs=("mailed_login", "passkeys", "passwords"),
    start=start,
)
