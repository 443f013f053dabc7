"""Typed sentences in the past tense about what happened, and who hears them.

A listener gets `(event, session)`: the unit of work's own SQLAlchemy session, so that its rows commit or
fail together with the change. Listeners are held strongly (blinker's weak references would lose a closure
made inside an app factory). Events carry no secrets.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

log = logging.getLogger("housekey")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. `ends` marks endings and refusals, which a listener's error can't undo."""

    ends: ClassVar[bool] = False


E = TypeVar("E", bound=Event)
Listener = Callable[[Any, "Session"], None]


class Bus:
    """The listeners of one app."""

    def __init__(self) -> None:
        self._listeners: defaultdict[type[Event], list[Listener]] = defaultdict(list)

    def on(self, kind: type[E], listener: Callable[[E, Session], None]) -> None:
        """Call `listener(event, session)` for every event of `kind` or of a class below it."""
        self._listeners[kind].append(listener)

    def hears(self, kind: type[Event]) -> bool:
        """Whether anybody listens; spares a transaction for what nobody hears."""
        return any(parent in self._listeners for parent in kind.__mro__)

    def publish(self, event: Event, session: Session) -> None:
        """Tell all listeners. An error undoes a creation, and is only logged for an ending or a refusal."""
        for kind in type(event).__mro__:
            for listener in self._listeners.get(kind, ()):
                self._tell(listener, event, session)

    def _tell(self, listener: Listener, event: Event, session: Session) -> None:
        if not event.ends:
            listener(event, session)
            return
        try:
            with session.begin_nested():
                listener(event, session)
        except Exception:
            log.exception("a listener of %s failed; the change stays", type(event).__name__)
