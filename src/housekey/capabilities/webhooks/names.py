"""What an event is called outside: `user.registered` for `UserRegistered`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from housekey.events import Event

TRY = "webhook.test"
IRREGULAR = {"LoggedIn": "user.logged_in", "SteppedUp": "user.stepped_up"}
"""Sentences that leave out their subject."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")


def name_of(kind: type[Event]) -> str:
    """What it is about, a full stop, and what happened to it, as Standard Webhooks writes types of events."""
    if kind.__name__ in IRREGULAR:
        return IRREGULAR[kind.__name__]
    *subject, verb = _WORD.findall(kind.__name__) or [kind.__name__]
    return ".".join(part.lower() for part in ("_".join(subject), verb) if part)


def all_names() -> dict[str, type[Event]]:
    """Every event there is, the host's own too, as far as its classes are imported."""
    return {name_of(kind): kind for kind in _below(Event)}


def _below(kind: type[Event]) -> Iterator[type[Event]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)
