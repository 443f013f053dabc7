"""Where countries are looked up, if they are."""

from __future__ import annotations

from dataclasses import dataclass

from housekey.settings import setting


@dataclass(frozen=True)
class GeoSettings:
    """`HOUSEKEY_GEO_…`."""

    section = "geo"

    database: str | None = setting(
        None,
        "The file with the countries of addresses (MaxMind DB format, .mmdb) that you have got and keep up to date. "
        'Needs the extra: pip install "housekey[geo]". None: no country is shown.',
    )
