"""What throttling notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event


@dataclass(frozen=True, kw_only=True)
class AccountLocked(Event):
    """Too many failures in a row: a browser that the account knows, or all that it doesn't know, must wait until
    `until`; None: until the password is reset."""

    ends: ClassVar[bool] = True
    user_id: Any
    method: str
    known_device: bool
    until: datetime | None
    address: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AccountUnlocked(Event):
    """An operator has opened all locks of an account."""

    user_id: Any
    at: datetime


@dataclass(frozen=True, kw_only=True)
class NetworkLimited(Event):
    """A network has reached a limit. `action`: login, register, …"""

    ends: ClassVar[bool] = True
    network: str
    action: str
    at: datetime
