"""In which country an address is, where that is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Country:
    """A country by its code (ISO 3166-1, two letters), with its names by language, as far as they are known."""

    code: str
    names: Mapping[str, str] = field(default_factory=dict, hash=False)

    def name(self, language: str = "en") -> str:
        """What its readers call it; its code if nobody has said."""
        return self.names.get(language) or self.names.get(language.partition("-")[0]) or self._in_english()

    def _in_english(self) -> str:
        return self.names.get("en") or self.code


Locate = Callable[[str], Country | None]
"""Answers for an address as text, whatever that is. Never raises."""


def nowhere(address: str) -> None:
    """Where nothing is known of any address."""
    return
