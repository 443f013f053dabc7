"""What happens to passkeys alone; the rest is told by the events of second factors and of logins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class PasskeyCopySuspected(Event):
    """The counter of a passkey has gone back, so there may be a copy of it. The login was refused."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("A passkey may have been copied: {name}"), owasp="authn_login_fail", level="bad", outcome="failure"
    )
    user_id: Any
    name: str
    at: datetime
