"""The languages and time zones that people choose from."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
"""Where a zone is named after a city in it. The others are old names of these, or offsets that know no summer time."""
UTC = "UTC"
TABLE = "zone.tab"
"""IANA's list of zones by country, for people to choose from (its third column)."""
_OF_THIS_MACHINE = frozenset({"localtime", "Factory"})
"""What some systems keep among the zones, and what names no place."""

Choices = list[tuple[str, str]]

LANGUAGE_NAMES = {
    "ar": "العربية", "bg": "Български", "bn": "বাংলা", "ca": "Català", "cs": "Čeština", "da": "Dansk", "de": "Deutsch",
    "el": "Ελληνικά", "en": "English", "es": "Español", "et": "Eesti", "eu": "Euskara", "fa": "فارسی", "fi": "Suomi",
    "fr": "Français", "ga": "Gaeilge", "gl": "Galego", "he": "עברית", "hi": "हिन्दी", "hr": "Hrvatski", "hu": "Magyar",
    "id": "Bahasa Indonesia", "is": "Íslenska", "it": "Italiano", "ja": "日本語", "ko": "한국어", "lt": "Lietuvių",
    "lv": "Latviešu", "mt": "Malti", "nb": "Norsk bokmål", "nl": "Nederlands", "pl": "Polski", "pt": "Português",
    "ro": "Română", "ru": "Русский", "sk": "Slovenčina", "sl": "Slovenščina", "sr": "Српски", "sv": "Svenska",
    "th": "ไทย", "tr": "Türkçe", "uk": "Українська", "ur": "اردو", "vi": "Tiếng Việt", "zh": "中文",
}  # fmt: skip
"""Each language in itself, so that whoever speaks it finds it."""


def languages(offered: Iterable[str]) -> Choices:
    """The languages of a site, each with its own name; `pt-BR` is shown as Português (BR)."""
    return [(code, _language(code)) for code in offered]


def _language(code: str) -> str:
    language, _, region = code.replace("_", "-").partition("-")
    name = LANGUAGE_NAMES.get(language, code)
    return f"{name} ({region})" if region and name != code else name


@cache
def time_zones() -> frozenset[str]:
    """Every zone that this machine knows (IANA names). Reading them takes some files, so it is done once."""
    return frozenset(zoneinfo.available_timezones()) - _OF_THIS_MACHINE


def time_zones_by_region(own: str | None = None) -> list[tuple[str, Choices]]:
    """The zones as a page offers them: by region, each with its city; and the person's own, whatever it is."""
    regions = [(region, list(cities)) for region, cities in _cities()]
    offered = {name for _region, cities in regions for name, _city in cities}
    extra = {UTC} | ({own} if own and own not in offered else set())
    return [*regions, (UTC, [(name, name) for name in sorted(extra)])]


_PREFIXES = tuple(f"{region}/" for region in REGIONS)


@cache
def _cities() -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    known = time_zones()
    named = sorted((_city(name), name) for name in known & (_of_today() or known) if name.startswith(_PREFIXES))
    return tuple(
        (region, tuple((name, city) for city, name in named if name.startswith(f"{region}/"))) for region in REGIONS
    )


def _of_today() -> frozenset[str]:
    """One name for each zone: the rest are former ones (Asia/Calcutta, Australia/NSW). Empty without a table."""
    for table in (*(Path(folder) / TABLE for folder in zoneinfo.TZPATH), _in_package()):
        with suppress(OSError):
            lines = table.read_text("utf-8").splitlines() if table else []
            rows = [line.split("\t") for line in lines if not line.startswith("#")]
            if names := frozenset(row[2] for row in rows if len(row) > 2):
                return names
    return frozenset()


def _in_package() -> Traversable | None:
    """Beside the zones of the package `tzdata`, on a machine that has none of its own."""
    try:
        return files("tzdata") / "zoneinfo" / TABLE
    except ModuleNotFoundError:
        return None


def _city(name: str) -> str:
    """America/Argentina/Buenos_Aires is Buenos Aires, Argentina."""
    return ", ".join(reversed(name.replace("_", " ").split("/")[1:]))
