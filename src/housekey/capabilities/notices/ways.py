"""How the owner of a frozen account may be known, besides the former password."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from housekey.capabilities.notices.actions import Undo
from housekey.house import House
from housekey.kernel.texts import Text


@dataclass(frozen=True)
class Way:
    """One more way, with a page of its own: `endpoint` with `places`."""

    text: Text
    endpoint: str
    places: Mapping[str, str]


class OtherWays:
    """The ways that other capabilities know; each adds a function to `finders`."""

    def __init__(self) -> None:
        self.finders: list[Callable[[House, Undo], Sequence[Way]]] = []

    def of(self, house: House, undo: Undo) -> list[Way]:
        """Those that are open to this account's owner."""
        return [way for find in self.finders for way in find(house, undo)]
