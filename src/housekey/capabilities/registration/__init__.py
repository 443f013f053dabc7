"""Making an account."""

from housekey.capabilities.registration import api, pages, pending
from housekey.capabilities.registration.brought import Keepers
from housekey.capabilities.registration.columns import check_columns
from housekey.capabilities.registration.events import UserDeleted, UserRegistered
from housekey.capabilities.registration.settings import RegistrationSettings
from housekey.capability import Capability
from housekey.house import House


def start(house: House) -> None:
    """Look at the host's model before the first request, when all of it is declared."""
    house.provide(Keepers())
    house.checks.append(lambda: check_columns(house))
    house.checks.append(lambda: pending.warn_if_mails_go_nowhere(house))


capability = Capability(
    name="registration",
    settings=RegistrationSettings,
    pages=pages.pages,
    api=api.api,
    events=(UserRegistered, UserDeleted),
    needs=("links", "mail", "passwords", "roles", "verification"),
    start=start,
)
