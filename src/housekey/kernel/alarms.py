"""Telling of what goes on and on once in a while: a flood that is turned away must not become a flood of rows."""

from __future__ import annotations

import os
import time
from threading import Lock
from typing import ClassVar
from weakref import WeakSet


class Alarm:
    """What this process has told lately, for one app. Kinds of alarms are classes below it."""

    every_s: ClassVar[float] = 60.0
    most: ClassVar[int] = 10_000
    """Things that are remembered; beyond, all are forgotten, and may be told once more."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, ...], float] = {}
        self._lock = Lock()
        _ALARMS.add(self)

    def is_due(self, *what: str) -> bool:
        """Whether it should be told now; then it counts as told."""
        moment = time.monotonic()
        with self._lock:
            if moment - self._told.get(what, -self.every_s) < self.every_s:
                return False
            if len(self._told) >= self.most:
                self._told.clear()
            self._told[what] = moment
            return True


_ALARMS: WeakSet[Alarm] = WeakSet()


def _unlock_all() -> None:
    """A thread of the parent may have held the lock; in the child nobody would let go of it."""
    for alarm in _ALARMS:
        alarm._lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock_all)
