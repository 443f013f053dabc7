"""Telling of a network at its limit, once a minute: a flood that is turned away must not become a flood of rows."""

from __future__ import annotations

import os
import time
from threading import Lock
from weakref import WeakSet

from housekey.capabilities.throttling.events import NetworkLimited
from housekey.house import House
from housekey.kernel import clock

EVERY_S = 60.0
MOST = 10_000
"""Networks that are remembered; beyond, all are forgotten, and may be told once more."""


class Alarm:
    """What this process has told lately, for one app."""

    def __init__(self) -> None:
        self._told: dict[tuple[str, str], float] = {}
        self._lock = Lock()
        _ALARMS.add(self)

    def is_due(self, network: str, action: str) -> bool:
        """Whether it should be told now; then it counts as told."""
        moment = time.monotonic()
        with self._lock:
            if moment - self._told.get((network, action), -EVERY_S) < EVERY_S:
                return False
            if len(self._told) >= MOST:
                self._told.clear()
            self._told[network, action] = moment
            return True


_ALARMS: WeakSet[Alarm] = WeakSet()


def _unlock_all() -> None:
    """A thread of the parent may have held the lock; in the child nobody would let go of it."""
    for alarm in _ALARMS:
        alarm._lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock_all)


def tell(house: House, network: str, action: str) -> None:
    """A network has reached a limit."""
    if house.service(Alarm).is_due(network, action):
        house.announce(NetworkLimited(network=network, action=action, at=clock.now()))
