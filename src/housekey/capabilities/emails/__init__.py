"""The addresses of an account, and how one takes the place of another."""

from housekey.capabilities.emails import api, events, former, overview, pages, tables
from housekey.capabilities.emails.settings import EmailSettings
from housekey.capabilities.emails.told import NOTICES
from housekey.capabilities.notices.notice import tell
from housekey.capability import Capability, MenuItem
from housekey.house import House
from housekey.kernel.texts import text as _


def start(house: House) -> None:
    """Tell people of changes, and undo them."""
    for notice in NOTICES:
        tell(house, notice)
    former.listen(house)


capability = Capability(
    name="emails",
    settings=EmailSettings,
    tables=tables.define,
    pages=pages.pages,
    api=api.api,
    events=(
        events.EmailChangeRequested,
        events.EmailChangeWithdrawn,
        events.EmailChanged,
        events.EmailAdded,
        events.EmailRemoved,
    ),
    menu=[MenuItem(label=_("E-mail address"), endpoint="housekey.emails")],
    overview=overview.about_email,
    needs=("links", "mail", "notices", "registration"),
    start=start,
)
