"""Whether the countries of addresses can be read, and how old they are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from housekey.capabilities.geo.countries import SETTING, Countries
from housekey.capabilities.geo.settings import GeoSettings
from housekey.commands.diagnosis.finding import FAIL, OK, WARN, Finding
from housekey.errors import ConfigurationError
from housekey.house import House
from housekey.kernel import clock

OLD = timedelta(days=90)
"""Networks are sold and move; its makers bring out a new file every week or month."""


def examine(house: House) -> Iterator[Finding]:
    """Nothing where none is set."""
    if house.settings[GeoSettings].database is None:
        return
    try:
        made_at = house.service(Countries).made_at
    except ConfigurationError as error:
        yield Finding(FAIL, SETTING, f"is no use: {error}")
        return
    about = f"was made on {made_at:%Y-%m-%d}."
    if clock.now() - made_at > OLD:
        yield Finding(WARN, SETTING, about, "Get a new file, and restart the app.")
    else:
        yield Finding(OK, SETTING, about)
