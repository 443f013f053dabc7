"""Mails that say what happened to an account, and the way back: “This wasn't me”."""

from housekey.capabilities.notices import api, events, pages
from housekey.capabilities.notices.notice import tell
from housekey.capabilities.notices.settings import NoticeSettings
from housekey.capabilities.notices.told import NOTICES
from housekey.capabilities.notices.ways import OtherWays
from housekey.capability import Capability
from housekey.house import House


def start(house: House) -> None:
    """Listen; and keep former passwords for as long as the links work."""
    for notice in NOTICES:
        tell(house, notice)
    house.provide(OtherWays())
    kept_for = house.settings[NoticeSettings].undo_lifetime
    house.store.expiring["former_passwords"] = lambda table, moment: table.c.replaced_at < moment - kept_for


capability = Capability(
    name="notices",
    settings=NoticeSettings,
    pages=pages.pages,
    api=api.api,
    events=(events.AccountFrozen, events.AccountUnfrozen),
    needs=("links", "mail", "passwords", "throttling"),
    start=start,
)
