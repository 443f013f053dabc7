"""The only clock of the house: every deadline is judged by it, so a test can stop it.

Time never comes from SQL: a database on another machine has another clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_stopped_at: datetime | None = None


def now() -> datetime:
    """The time in UTC, aware of its zone."""
    return _stopped_at or datetime.now(UTC)


class Stopped:
    """A clock that stands still until it is moved; see `stopped`."""

    def at(self, moment: datetime) -> None:
        """Set the clock to `moment`, which must know its zone."""
        global _stopped_at
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone, for example datetime.now(UTC)")
        _stopped_at = moment.astimezone(UTC)

    def forward(self, step: timedelta) -> None:
        """Move the clock on (or back, with a negative step)."""
        self.at(now() + step)


@contextmanager
def stopped(moment: datetime | None = None) -> Iterator[Stopped]:
    """Stop the clock of the whole process, for tests: `with stopped() as clock: clock.forward(...)`."""
    global _stopped_at
    before, clock = _stopped_at, Stopped()
    clock.at(moment or datetime.now(UTC))
    try:
        yield clock
    finally:
        _stopped_at = before
