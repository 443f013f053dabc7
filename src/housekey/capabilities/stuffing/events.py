"""What is noticed of a wall of refused logins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class StuffingBegan(Event):
    """So many logins were refused in a minute, on the whole site, that browsers which an account doesn't know are asked
    for a mailed code. `refusals`: how many, or more."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("Passwords are being tried on the whole site: new browsers are asked for a mailed code"),
        owasp="excess_rate_limit_exceeded",
        level="bad",
        outcome="failure",
    )
    refusals: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class StuffingEnded(Event):
    """It has been calm for a while: a password is enough again. Noticed, and told, with the next login or sweep."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("Passwords are no longer being tried on the whole site: new browsers need no mailed code"), owasp=None
    )
    at: datetime
