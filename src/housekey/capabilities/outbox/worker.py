"""The thread of a serving process that sends what waits.

It begins with the first request that the process serves, so never in a command, nor in a server that forks its workers
before they serve. A commit in this process wakes it; otherwise it looks now and then, for what other processes have
posted, and for leases that have run out.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from housekey.capabilities.outbox.delivery import deliver_due
from housekey.house import House
from housekey.kernel.jitter import CHANCE

log = logging.getLogger("housekey.outbox")
Context = Callable[[], AbstractContextManager[Any]]
LOOK_EVERY_S = 15.0
"""Give or take a third, so that workers don't look together."""
HOLD_BACK_S = 0.25
"""After a commit: the answer is out before a thread of its process begins to work, so its time doesn't tell whether a
mail is sent."""
PATIENCE_AT_EXIT_S = 3.0
"""For a mail that is being sent. If it takes longer, it goes out again when its lease has run out."""


class Worker:
    """One for each app and process."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._context: Context = nullcontext
        self._reset()
        _workers.add(self)

    def _reset(self) -> None:
        """Also in a forked child, which has no threads, and perhaps a lock that nobody will ever release."""
        self._serving = False
        self._stopping = False
        self._woken = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def serve(self, context: Context) -> None:
        """This process serves: look at once for what waits. `context`: of the app, for its Flask-SQLAlchemy."""
        self._context, self._serving = context, True
        self.wake()

    def wake(self) -> None:
        """Something was posted. Does nothing in a process that doesn't serve."""
        if not self._serving or self._stopping:
            return
        self._woken.set()
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                given = weakref.ref(self), self._woken
                self._thread = threading.Thread(target=work, args=given, name="housekey-outbox", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Finish the mail that is being sent, and end."""
        self._stopping = True
        self._woken.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(PATIENCE_AT_EXIT_S)

    def look(self) -> bool:
        """Send what waits; answers whether to go on looking."""
        if self._stopping:
            return False
        self._woken.clear()
        try:
            with self._context():
                deliver_due(self._house, lambda: self._stopping)
        except Exception as error:  # the database may be away for a while
            log.warning("the outbox could not be read: %s", type(error).__name__)
        return not self._stopping


def work(of: weakref.ref[Worker], woken: threading.Event) -> None:
    """What the thread does, until the process ends or the app is gone, as apps of tests are."""
    goes_on = True
    while goes_on:
        woken.wait(LOOK_EVERY_S * CHANCE.uniform(0.67, 1.33))
        time.sleep(HOLD_BACK_S)
        worker = of()
        goes_on = worker is not None and worker.look()
        del worker


_workers: weakref.WeakSet[Worker] = weakref.WeakSet()


def _stop_all() -> None:
    for worker in list(_workers):
        worker.stop()


def _reset_all() -> None:
    for worker in list(_workers):
        worker._reset()


atexit.register(_stop_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)
