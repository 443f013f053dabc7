"""What the browsers know about every token that the server ever gave out, and so what it must answer to each.

An ending marks the tokens that it concerns before it is sent, so that "live" is never claimed of one that is about to
die; once it is confirmed they are dead, for ever. Whatever overlaps with an ending is unknown, and nothing is claimed.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock

LIVE, ENDING, UNKNOWN, DEAD = "live", "ending", "unknown", "dead"


@dataclass(eq=False)
class Held:
    """One token."""

    value: str
    email: str
    session_id: str
    state: str = LIVE


@dataclass
class Ending:
    """An ending under way, or when it was over. `session_id` None: all of the user's but `keep`."""

    email: str
    session_id: str | None
    keep: str | None = None
    over: float | None = None
    confirmed: bool = False

    def concerns(self, email: str, session_id: str) -> bool:
        if self.session_id is not None:
            return self.session_id == session_id
        return self.email == email and self.keep != session_id


@dataclass
class Ledger:
    """Shared by all browsers."""

    tokens: list[Held] = field(default_factory=list)
    endings: defaultdict[str, list[Ending]] = field(default_factory=lambda: defaultdict(list))
    registered: list[str] = field(default_factory=list)
    _lock: RLock = field(default_factory=RLock)

    def opened(self, value: str, email: str, session_id: str, began: float) -> Held:
        """A token was given out by an answer whose request was sent at `began`."""
        with self._lock:
            held = Held(value, email, session_id)
            overlapping = (e for e in self.endings[email] if e.over is None or e.over > began)
            if any(ending.concerns(email, session_id) for ending in overlapping):
                held.state = UNKNOWN
            self.tokens.append(held)
            return held

    @contextmanager
    def ending(self, ending: Ending, but: Held | None = None) -> Iterator[Ending]:
        """Around the request that ends sessions; set `confirmed` on what this gives when the server has said so."""
        with self._lock:
            self.endings[ending.email].append(ending)
            concerned = [t for t in self.tokens if t is not but and ending.concerns(t.email, t.session_id)]
            for held in concerned:
                held.state = ENDING if held.state == LIVE else held.state
        try:
            yield ending
        finally:
            with self._lock:
                ending.over = time.monotonic()
                for held in concerned:
                    held.state = DEAD if ending.confirmed or held.state == DEAD else UNKNOWN

    def dead(self, held: Held) -> None:
        """The server has replaced or ended this one."""
        with self._lock:
            held.state = DEAD

    def doubt(self, held: Held) -> None:
        """Its fate isn't known: an answer was lost, or an ending may have come in between."""
        with self._lock:
            held.state = held.state if held.state == DEAD else UNKNOWN
