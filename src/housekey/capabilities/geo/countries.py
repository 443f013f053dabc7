"""Reading a database of countries in the MaxMind DB format (https://maxmind.github.io/MaxMind-DB/)."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from housekey.errors import ConfigurationError
from housekey.kernel import networks
from housekey.kernel.places import Country

if TYPE_CHECKING:
    from maxminddb import Reader

log = logging.getLogger("housekey.geo")
SETTING = "HOUSEKEY_GEO_DATABASE"
NO_READER = f'{SETTING} is set, and nothing here reads it: pip install "housekey[geo]".'


class Countries:
    """The file that an operator has named. It is opened with the first look; another file takes a restart."""

    def __init__(self, path: str) -> None:
        self._path = path

    @cached_property
    def reader(self) -> Reader:
        """Raises `ConfigurationError` for what can't be read."""
        try:
            import maxminddb
        except ImportError:
            raise ConfigurationError(NO_READER) from None
        try:
            return maxminddb.open_database(self._path)
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            raise ConfigurationError(
                f"{SETTING} = {self._path!r} can't be read: {error}. Name a database of countries in the MaxMind DB "
                "format, which this process may read, or leave the setting out."
            ) from None

    def check(self) -> None:
        """Raises `ConfigurationError` for what can't be read."""
        self.reader.metadata()

    @property
    def made_at(self) -> datetime:
        """When its maker has made it."""
        return datetime.fromtimestamp(self.reader.metadata().build_epoch, UTC)

    def locate(self, address: str) -> Country | None:
        """The country of an address. None if it isn't known, or can't be: nobody's login waits for this, or fails."""
        plain = networks.shown(address)
        try:
            return _country_in(self.reader.get(plain)) if plain else None
        except Exception as error:  # a damaged file; an IPv6 address in a file of IPv4
            log.warning("the country of an address was not found in %s: %s", self._path, type(error).__name__)
            return None


def _country_in(record: Any) -> Country | None:
    """GeoLite2 and DB-IP have {"country": {"iso_code", "names"}}; others the code as "country_code" or "country"."""
    if not isinstance(record, Mapping):
        return None
    found = record.get("country")
    if isinstance(found, Mapping):
        return _country(found.get("iso_code"), found.get("names"))
    return _country(record.get("country_code", found), {"en": record.get("country_name")})


def _country(code: Any, names: Any) -> Country | None:
    if not (isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha()):
        return None
    known = names if isinstance(names, Mapping) else {}
    return Country(code.upper(), {str(language): name for language, name in known.items() if isinstance(name, str)})
