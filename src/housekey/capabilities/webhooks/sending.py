"""One POST to a stranger's server, who may be anything: slow, endless, or somewhere inside (flaw 61).

Imported when something is first sent: `ssl` and `http.client` cost an app that sends nothing.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPException

from housekey.capabilities.webhooks import looking_up
from housekey.capabilities.webhooks.connecting import Deadline, Pinned, TimeIsUp
from housekey.capabilities.webhooks.looking_up import Resolve
from housekey.capabilities.webhooks.targets import Target
from housekey.errors import DeliveryPostponed, DeliveryRefused
from housekey.kernel.internet import is_public, is_this_machine

MOST_READ = 2048
"""Bytes of an answer: enough for a sentence of what was wrong."""


class NoAnswer(DeliveryPostponed):
    """Nothing came back."""


@dataclass(frozen=True)
class Answer:
    """What came back, in time."""

    status: int
    reason: str
    said: str = field(repr=False)
    seconds: float


def send(
    target: Target,
    headers: Mapping[str, str],
    body: bytes,
    *,
    seconds: float,
    may_be_local: bool = False,
    resolve: Resolve = socket.getaddrinfo,
) -> Answer:
    """Raises `DeliveryRefused` for an inner address, `NoAnswer` if nothing came in time."""
    deadline = Deadline(seconds)
    try:
        addresses = judged(target, resolve, deadline, may_be_local=may_be_local)
        return post(target, addresses, headers, body, deadline)
    except (OSError, HTTPException, ValueError) as error:  # the last: http.client for a chunk of negative length
        raise NoAnswer(f"{target.host} {_told(error)}") from None


def judged(target: Target, resolve: Resolve, deadline: Deadline, *, may_be_local: bool) -> list[str]:
    """The addresses of its name, asked for once: what is connected to is what was judged, whatever the name means a
    moment later. One that isn't public spoils all: a name that is both is up to no good."""
    try:
        found = looking_up.addresses(resolve, target.host, target.port, deadline)
    except UnicodeError:
        raise DeliveryRefused(f"{target.host} is no name of a server") from None
    addresses = list(dict.fromkeys(str(sockaddr[0]) for *_about, sockaddr in found))
    fits = is_this_machine if may_be_local and target.is_local else is_public
    if not addresses or not all(fits(address) for address in addresses):
        raise DeliveryRefused(f"{target.host} is an inner address, which webhooks don't go to")
    return addresses


def post(
    target: Target, addresses: Sequence[str], headers: Mapping[str, str], body: bytes, deadline: Deadline
) -> Answer:
    """To the first of these addresses that takes the connection. The certificate must be the name's."""
    began = time.monotonic()
    connection = Pinned(target, addresses, deadline)
    try:
        connection.request("POST", target.path, body, dict(headers))
        response = connection.getresponse()
        said = response.read(MOST_READ)
    finally:
        connection.hang_up()
    text = " ".join(said.decode("utf-8", "replace").split())
    return Answer(response.status, response.reason, text, time.monotonic() - began)


def _told(error: Exception) -> str:
    """In words that may be kept."""
    match error:
        case socket.gaierror():
            return "is a name that can't be looked up"
        case ssl.SSLCertVerificationError():
            return f"shows a certificate that isn't good: {error.verify_message}"
        case ssl.SSLError():
            return "speaks no TLS that is safe"
        case TimeIsUp() | TimeoutError():
            return "didn't answer in time"
        case ConnectionRefusedError():
            return "takes no connections"
        case HTTPException() | ValueError():
            return "answered what isn't HTTP"
        case _:
            return "can't be reached"
