"""Who does what is done now, and from where: what listeners may know although verbs never see a request.

Nothing is collected ahead: whoever wants to know asks `house.circumstances()`, which costs a page that publishes no
event nothing. What was said by `under(…)` counts before what the running request shows.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

ActorKind = Literal["user", "anonymous", "operator", "app"]
"""Somebody logged in; somebody who isn't; somebody at the server's command line; the app's own code, without a
request."""


@dataclass(frozen=True)
class Circumstances:
    """`actor` is the user who acts, None unless the kind is "user"; `operator` the account of the operating system."""

    kind: ActorKind = "app"
    actor: Any = None
    session_id: str | None = None
    address: str = ""
    user_agent: str = ""
    operator: str = ""


_given: ContextVar[Circumstances | None] = ContextVar("housekey_circumstances", default=None)


def given() -> Circumstances | None:
    """What `under` has said, if anything."""
    return _given.get()


@contextmanager
def under(circumstances: Circumstances) -> Iterator[None]:
    """Whatever happens inside is done by, and from, these: a command, a task of the host's own."""
    token = _given.set(circumstances)
    try:
        yield
    finally:
        _given.reset(token)
