"""How many hashes one process computes at once, and who waits.

A hash takes a core for 50 ms and some tens of MiB. Without a bound, a few hundred logins at once (one
attacker's or everyone's after a break) take every thread and the memory, and the whole site with them. So hashes
run a few at a time, few of them for one network, few callers wait, and not for long; the rest are answered 503
`busy`, whoever they are, and nothing is counted against them. (argon2 and OpenSSL release the GIL, so that hashes
really run side by side.)
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from weakref import WeakSet

from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.errors import Busy

T = TypeVar("T")


@dataclass(eq=False)
class _Caller:
    network: Hashable


class HashPool:
    """Places for hashes in one process. One pool serves one app.

    size          hashes at the same time
    queue         callers that may wait
    wait          how long each may wait
    per_network   places, and places in the queue, that one network may hold
    """

    def __init__(self, *, size: int, queue: int, wait: timedelta, per_network: int) -> None:
        self._size, self._queue, self._wait, self._per_network = size, queue, wait.total_seconds(), per_network
        self._empty()
        _POOLS.add(self)

    @classmethod
    def of(cls, settings: PasswordSettings) -> HashPool:
        """The pool of an app."""
        return cls(
            size=settings.pool_size,
            queue=settings.pool_queue,
            wait=settings.pool_wait,
            per_network=settings.pool_per_network,
        )

    def run(self, network: Hashable, compute: Callable[[], T]) -> T:
        """What `compute()` returns, once there is a place. Raises `Busy` before anything is computed."""
        with self.place(network):
            return compute()

    @contextmanager
    def place(self, network: Hashable) -> Iterator[None]:
        """Hold one place. `network` is the caller's (an IPv4 address, an IPv6 /64). Raises `Busy`.

        Hold it for the hash alone, never around a transaction: the queue would hold the database's locks.
        """
        self._enter(network)
        try:
            yield
        finally:
            self._leave(network)

    def _enter(self, network: Hashable) -> None:
        caller = _Caller(network)
        with self._changed:
            self._line.append(caller)
            try:
                if self._next() is not caller:
                    self._wait_in_line(caller)
                self._running[network] += 1
            finally:
                self._line.remove(caller)
                self._changed.notify_all()

    def _wait_in_line(self, caller: _Caller) -> None:
        others = [other for other in self._line if other is not caller]
        of_this_network = sum(other.network == caller.network for other in others)
        if len(others) >= self._queue or of_this_network >= self._per_network:
            raise Busy
        if not self._changed.wait_for(lambda: self._next() is caller, timeout=self._wait):
            raise Busy

    def _leave(self, network: Hashable) -> None:
        with self._changed:
            self._running[network] -= 1
            self._running += Counter()  # forgets networks that hold nothing
            self._changed.notify_all()

    def _next(self) -> _Caller | None:
        """Who may start now: the first in line whose network has a place left, if the pool has one."""
        if self._running.total() >= self._size:
            return None
        return next((caller for caller in self._line if self._running[caller.network] < self._per_network), None)

    def _empty(self) -> None:
        self._changed = threading.Condition()
        self._running: Counter[Hashable] = Counter()
        self._line: list[_Caller] = []


_POOLS: WeakSet[HashPool] = WeakSet()


def _empty_all() -> None:
    """In a new child, the parent's threads are gone: whatever they held would be held for ever."""
    for pool in _POOLS:
        pool._empty()


if hasattr(os, "register_at_fork"):
    # gunicorn's workers fork after the app is made.
    os.register_at_fork(after_in_child=_empty_all)
