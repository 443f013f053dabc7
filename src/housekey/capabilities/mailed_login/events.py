"""What happens on the way in by mail. The login itself is a `LoggedIn` with the method "email"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told, Variant
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class LoginMailRequested(Event):
    """Somebody has asked for a mail to log in (`wish` "login") or to prove again who they are ("step_up"). `user_id`
    None: the address is nobody's, and the answer was the same."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("A mail to log in was asked for"),
        owasp=None,
        instead=(Variant(field="wish", value="step_up", text=_("A mail to confirm who it is was asked for")),),
    )
    user_id: Any
    wish: str
    at: datetime
