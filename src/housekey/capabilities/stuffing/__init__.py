"""When passwords stolen elsewhere are tried here, from everywhere: then a password alone is not enough for a browser
that the account doesn't know."""

from functools import partial

from housekey.capabilities.stuffing import api, events, pages, wall
from housekey.capabilities.stuffing.requirement import MailedCode
from housekey.capabilities.stuffing.settings import StuffingSettings
from housekey.capability import Capability
from housekey.house import House
from housekey.login.events import LoginRefused


def start(house: House) -> None:
    """Listen to refusals, if the rule is on."""
    house.provide(wall.Watch())
    if house.settings[StuffingSettings].refusals_per_minute:
        house.events.on(LoginRefused, partial(wall.notice, house))
    house.sweepers.append(partial(wall.end_if_over, house))
    house.small_sweepers.append(partial(wall.end_if_over, house))


capability = Capability(
    name="stuffing",
    settings=StuffingSettings,
    pages=pages.pages,
    api=api.api,
    events=(events.StuffingBegan, events.StuffingEnded),
    requirement=MailedCode(),
    needs=("audit", "links", "mail", "passwords", "verification"),
    start=start,
)
