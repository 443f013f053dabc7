"""Entries in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from housekey.capabilities.audit.reading import Recorded
from housekey.events import Event, Level, Told, Variant
from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _

REST = Told(text=_("Something else"), owasp=None)
"""For entries of events that this app doesn't know any more."""


def known_events(kind: type[Event] = Event) -> dict[str, type[Event]]:
    """Every class of events by its name."""
    return {event.__name__: event for event in _below(kind)}


def _below(kind: type[Event]) -> Iterator[type[Event]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def sentence(entry: Recorded) -> str:
    """What happened, in the reader's language."""
    told = _told(entry)
    if told is REST:
        return entry.event
    variant = _variant(told, entry)
    return _filled(variant.text if variant else told.text, entry.details | {"reason": entry.reason or ""})


def level(entry: Recorded) -> Level:
    """How much it should catch the eye."""
    told = _told(entry)
    variant = _variant(told, entry)
    return variant.level if variant else told.level


def _told(entry: Recorded) -> Told:
    event = known_events().get(entry.event)
    return (event.told if event else None) or REST


def _variant(told: Told, entry: Recorded) -> Variant | None:
    missing = object()
    return next((v for v in told.instead if entry.details.get(v.field, missing) == v.value), None)


class _Places(dict[str, Any]):
    """What an older release has not written down is left open."""

    def __missing__(self, name: str) -> str:
        return "…"


def _filled(text: Text, details: dict[str, Any]) -> str:
    """`str.format` would follow attributes; names alone are filled in, and a value's own braces stay."""
    return str(text).format_map(_Places({name: _word(value) for name, value in details.items()}))


def _word(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
