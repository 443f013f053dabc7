"""The addresses of a name, in time: `getaddrinfo` knows no deadline, and a name server that is silent may hold it for a
minute, with all that waits behind it in the outbox."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import BoundedSemaphore, Thread
from typing import Any

from housekey.capabilities.webhooks.connecting import Deadline, TimeIsUp

Found = Sequence[tuple[Any, ...]]
Resolve = Callable[..., Found]
"""`socket.getaddrinfo`, or a test's own."""
MOST = 4
"""Threads that may wait for name servers at once: each that was given up goes on until the system gives up."""
_places = BoundedSemaphore(MOST)


def addresses(resolve: Resolve, host: str, port: int, deadline: Deadline) -> Found:
    """What `resolve` answers or raises; `TimeIsUp` or `TimeoutError` if the deadline is over before."""
    if not _places.acquire(timeout=deadline.left()):
        raise TimeIsUp
    answer: Future[Found] = Future()
    Thread(target=_look, args=(answer, resolve, host, port), name="housekey-name", daemon=True).start()
    return answer.result(timeout=deadline.left())


def _look(answer: Future[Found], resolve: Resolve, host: str, port: int) -> None:
    try:
        answer.set_result(resolve(host, port, type=socket.SOCK_STREAM))
    except Exception as error:
        answer.set_exception(error)
    finally:
        _places.release()
