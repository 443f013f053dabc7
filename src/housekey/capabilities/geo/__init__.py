"""The countries of addresses, by a database that the operator names; without one there are none."""

from functools import partial

from housekey.capabilities.geo import noting, tables
from housekey.capabilities.geo.countries import Countries
from housekey.capabilities.geo.events import NewCountry
from housekey.capabilities.geo.settings import GeoSettings
from housekey.capabilities.notices.notice import tell
from housekey.capability import Capability
from housekey.house import House
from housekey.login.events import LoggedIn


def start(house: House) -> None:
    """A file that can't be read stops the app before its first request, not one login after another."""
    path = house.settings[GeoSettings].database
    if path is None:
        return
    countries = Countries(path)
    house.provide(countries)
    house.locate = countries.locate
    house.checks.append(countries.check)
    house.events.on(LoggedIn, partial(noting.note, house))
    tell(house, noting.NEW_COUNTRY)


capability = Capability(
    name="geo",
    settings=GeoSettings,
    tables=tables.define,
    events=(NewCountry,),
    needs=("notices",),
    start=start,
)
