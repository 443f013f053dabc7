"""Typed sentences in the past tense about what happened, and who hears them.

A listener gets `(event, session)`: the unit of work's own SQLAlchemy session, so that its rows commit or
fail together with the change. Listeners are held strongly (blinker's weak references would lose a closure
made inside an app factory). Events carry no secrets. Each says by `told` how the audit log and the pages tell it.
"""

from __future__ import annotations

import dataclasses
import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from housekey.kernel.deadlocks import is_deadlock
from housekey.kernel.secret import Secret
from housekey.kernel.texts import Text

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

log = logging.getLogger("housekey")


Level = Literal["bad", "warn", "info", "good"]
LEVELS: tuple[Level, ...] = ("bad", "warn", "info", "good")
"""Worst first."""
ResultWord = Literal["success", "failure"]


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Another sentence where a field of the event has a certain value."""

    field: str
    value: Any
    text: Text
    level: Level = "info"


@dataclass(frozen=True, kw_only=True)
class Told:
    """How an event is told.

    text          a sentence about its subject for the subject and for administrators alike, without a full stop; may
                  name fields of the event: "Got the role {role}"
    owasp         its word in OWASP's Logging Vocabulary; None where that has none
    level         how much it should catch the eye of the one concerned
    outcome       "failure" for what was refused
    by_subject    whether the subject itself did it, where nobody was logged in yet
    instead       what says more in particular cases; the first that fits is taken
    """

    text: Text
    owasp: str | None
    level: Level = "info"
    outcome: ResultWord = "success"
    by_subject: bool = False
    instead: tuple[Variant, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. `ends` marks endings and refusals, which a listener's error can't undo. `personal` names
    fields that the audit log must be able to erase, beside address, user agent, network, name and e-mail address."""

    ends: ClassVar[bool] = False
    told: ClassVar[Told | None] = None
    personal: ClassVar[frozenset[str]] = frozenset()


PERSONAL = frozenset({"address", "user_agent", "network", "name", "email", "username", "identifier", "recipient"})
"""Fields that tell of a person, whatever event has them; an event's own `personal` adds to them."""


def fields_of(event: Event) -> dict[str, Any]:
    """What an event says. A field that its `repr` hides, or a `Secret`, is for nobody who listens to all."""
    found = {f.name: getattr(event, f.name) for f in dataclasses.fields(event) if f.repr}
    return {name: value for name, value in found.items() if not isinstance(value, (Secret, bytes))}


def personal_fields(kind: type[Event]) -> frozenset[str]:
    return PERSONAL | kind.personal


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
        except Exception as error:
            if is_deadlock(error):  # the database has given the whole transaction up, or is about to
                raise
            log.exception("a listener of %s failed; the change stays", type(event).__name__)
