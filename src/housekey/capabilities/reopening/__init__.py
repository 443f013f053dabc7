"""A frozen account is opened again by a second factor that its owner had before."""

from housekey.capabilities.notices.ways import OtherWays
from housekey.capabilities.reopening import actions, api, pages
from housekey.capability import Capability
from housekey.house import House


def start(house: House) -> None:
    """Stand beside the former password."""
    house.service(OtherWays).finders.append(actions.ways)


capability = Capability(
    name="reopening",
    pages=pages.pages,
    api=api.api,
    needs=("factors", "notices", "passwords"),
    start=start,
)
