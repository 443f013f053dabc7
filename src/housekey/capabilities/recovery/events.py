"""What happens when people want back in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told, Variant
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class RecoveryRequested(Event):
    """Somebody has asked for a mail to get back in. `wish`: "password" or "username"; `user_id` None: the address is
    nobody's, and the answer was the same."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("A mail to choose a new password was asked for"),
        owasp=None,
        level="warn",
        instead=(Variant(field="wish", value="username", text=_("A mail with the username was asked for")),),
    )
    user_id: Any
    wish: str
    at: datetime
