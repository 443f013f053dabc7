"""What happens on the road."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event


@dataclass(frozen=True, kw_only=True)
class LoggedIn(Event):
    """A session was opened. `new_device`: this browser had never logged in to the account."""

    user_id: Any
    session_id: str
    methods: tuple[str, ...]
    address: str
    user_agent: str
    new_device: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class LoginRefused(Event):
    """A try was refused. `user_id` is None if nobody bears the identifier, which is not kept: people type
    passwords there. `reason` is a stable word for operators, never shown to the one who tried."""

    ends: ClassVar[bool] = True
    user_id: Any | None
    method: str
    reason: str
    address: str
    network: str | None
    user_agent: str
    known_device: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ChallengeRaised(Event):
    """A login waits for a further step."""

    user_id: Any
    challenge: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SteppedUp(Event):
    """The person of a live session proved again who they are."""

    user_id: Any
    session_id: str
    methods: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """Sessions ended. `why`: logout, ended_by_user, replaced, password_changed, disabled, limit, …"""

    ends: ClassVar[bool] = True
    user_id: Any
    session_ids: tuple[str, ...]
    why: str
    at: datetime
