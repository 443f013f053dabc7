"""What mail notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class MailWithheld(Event):
    """An address has had its share of mails of this purpose: this one was not sent, and the answer didn't tell."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("A mail was not sent, there were too many: {purpose}"),
        owasp="excess_rate_limit_exceeded",
        level="warn",
        outcome="failure",
    )
    purpose: str
    user_id: Any
    at: datetime
