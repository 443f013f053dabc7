"""Leaving: reading out everything that is known of oneself, and closing the account."""

from functools import partial
from typing import Any

from housekey.capabilities.leaving import api, closing, erasing, events, overview, pages
from housekey.capabilities.leaving.settings import LeavingSettings
from housekey.capabilities.notices.events import AccountFrozen
from housekey.capabilities.notices.notice import Notice, tell
from housekey.capability import Capability, MenuItem
from housekey.house import House, Unit
from housekey.kernel.texts import text as _
from housekey.store.users import UserFacts


def start(house: House) -> None:
    """Erase by the sweeps, tell by mail, and let “This wasn't me” keep the account."""
    house.sweepers.append(partial(erasing.erase_due, house))
    house.small_sweepers.append(partial(erasing.erase_some, house))
    house.events.on(AccountFrozen, partial(_frozen, house))
    tell(
        house,
        Notice(
            event=events.ClosingBegun,
            name="closing",
            template="housekey/leaving/mails/closing",
            facts=lambda event: {"closes_at": event.closes_at, "by": event.by},
            wanted=_can_be_kept,
        ),
    )


def _can_be_kept(house: House, event: events.ClosingBegun, user: UserFacts) -> bool:
    """What is erased at once gets the farewell alone."""
    return event.closes_at > event.at


def _frozen(house: House, event: AccountFrozen, session: Any) -> None:
    closing.stop_for_frozen(Unit(house, session), event.user_id)


capability = Capability(
    name="leaving",
    settings=LeavingSettings,
    pages=pages.pages,
    api=api.api,
    events=(events.ClosingBegun, events.ClosingStopped, events.ErasingFailed, events.DataExported),
    menu=[MenuItem(label=_("Your data"), endpoint="housekey.data")],
    overview=overview.about_closing,
    needs=("mail", "notices", "registration", "roles"),
    start=start,
)
