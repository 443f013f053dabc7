"""A connection of `http.client` to addresses that are given, with one deadline for all of it."""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any

from housekey.capabilities.webhooks.targets import PORTS, Target


class TimeIsUp(OSError):
    """The deadline is over."""


class Deadline:
    """One time for everything: a timeout of the socket would begin anew with each byte that drips in."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds. Raises `TimeIsUp`."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeIsUp
        return left


class Pinned(HTTPConnection):
    """Connects to one of `addresses`, never asks for the name again, and knows no proxy."""

    def __init__(self, target: Target, addresses: Sequence[str], deadline: Deadline) -> None:
        super().__init__(target.host, target.port)
        self.default_port = PORTS[target.scheme]
        self._target, self._addresses, self._deadline = target, addresses, deadline
        self._plugged: socket.socket | None = None

    def connect(self) -> None:
        self._plugged = self._first_that_answers()
        if self._target.scheme == "https":
            self._plugged.settimeout(self._deadline.left())
            context = ssl.create_default_context()
            self._plugged = context.wrap_socket(self._plugged, server_hostname=self._target.host)
        self.sock = Timed(self._plugged, self._deadline)

    def _first_that_answers(self) -> socket.socket:
        """Each has its share of the time that is left: the second may answer where the first is silent."""
        for number, address in enumerate(self._addresses):
            remaining = len(self._addresses) - number
            try:
                return socket.create_connection((address, self._target.port), self._deadline.left() / remaining)
            except OSError:
                if remaining == 1:
                    raise
        raise AssertionError("unreachable")

    def hang_up(self) -> None:
        if self._plugged is not None:
            with suppress(OSError):
                self._plugged.close()
        self.close()


class Timed:
    """A socket as `http.client` uses it, whose every step has what is left of the deadline."""

    def __init__(self, plugged: socket.socket, deadline: Deadline) -> None:
        self._plugged, self._deadline = plugged, deadline

    def sendall(self, data: Any) -> None:
        self._plugged.settimeout(self._deadline.left())
        self._plugged.sendall(data)

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._plugged, self._deadline))

    def close(self) -> None:
        """`http.client` closes it before it has read the answer; `Pinned.hang_up` does it."""


class _Incoming(io.RawIOBase):
    def __init__(self, plugged: socket.socket, deadline: Deadline) -> None:
        self._plugged, self._deadline = plugged, deadline

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        self._plugged.settimeout(self._deadline.left())
        return self._plugged.recv_into(into)
