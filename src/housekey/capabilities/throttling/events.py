"""What throttling notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told, Variant
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class AccountLocked(Event):
    """Too many failures in a row: a browser that the account knows, or all that it doesn't know, must wait until
    `until`; None: until the password is reset. `user_id` is None for a name that nobody bears, of which only
    the HMAC is told (`identifier_hmac`)."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("Locked after too many failed logins"),
        owasp="authn_login_lock",
        level="bad",
        outcome="failure",
        instead=(
            Variant(field="until", value=None, text=_("Password closed after too many failed logins"), level="bad"),
        ),
    )
    user_id: Any | None
    method: str
    known_device: bool
    until: datetime | None
    address: str
    identifier_hmac: str | None = None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AccountUnlocked(Event):
    """An operator has opened all locks of an account."""

    told: ClassVar[Told | None] = Told(
        text=_("Locks opened by the site's operator"), owasp="user_updated", level="warn"
    )
    user_id: Any
    at: datetime


@dataclass(frozen=True, kw_only=True)
class NetworkLimited(Event):
    """A network has reached a limit; told once a minute at most, by each process. `action`: login, register, …"""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("Too many tries from one network"), owasp="excess_rate_limit_exceeded", level="warn", outcome="failure"
    )
    network: str
    action: str
    at: datetime
