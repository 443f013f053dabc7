"""When failures lock, and for how long. Pure rules; `counters.py` keeps them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from housekey.capabilities.throttling.settings import ThrottlingSettings


@dataclass(frozen=True)
class Count:
    """Failures since the last success, for the length of locks (`failures`, forgotten after a quiet day) and for
    closing (`in_row`; see `tables.expired` for when a sweep forgets it)."""

    failures: int
    in_row: int
    locked_until: datetime | None
    updated_at: datetime

    def is_locked(self, moment: datetime, settings: ThrottlingSettings) -> bool:
        """Whether a try now is refused."""
        return self.is_closed(settings) or (self.locked_until is not None and moment < self.locked_until)

    def is_closed(self, settings: ThrottlingSettings) -> bool:
        return self.in_row >= settings.close_after

    def charged(self, moment: datetime, settings: ThrottlingSettings) -> Count:
        """One try more, counted before it is checked; every `lock_after`th locks those that follow."""
        quiet = moment - self.updated_at > settings.forget_after
        failures = 1 if quiet else self.failures + 1
        until = moment + lock_length(failures, settings) if failures % settings.lock_after == 0 else None
        return Count(failures, self.in_row + 1, until, moment)

    def refunded(self, settings: ThrottlingSettings) -> Count:
        """The last try doesn't count, nor the lock that it set."""
        was_last = self.failures % settings.lock_after == 0
        return replace(
            self,
            failures=max(0, self.failures - 1),
            in_row=max(0, self.in_row - 1),
            locked_until=None if was_last else self.locked_until,
        )


def lock_length(failures: int, settings: ThrottlingSettings) -> timedelta:
    """15 minutes, 30, 60, … up to a day."""
    doublings: int = min(failures // settings.lock_after - 1, 20)
    return min(settings.lock_for * int(2**doublings), settings.lock_at_most)
