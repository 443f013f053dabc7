"""What happens to passwords."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told, Variant
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    """A password was set or changed. `by`: "user", "reset" (by mail), "takeover" (by mail, where the
    address was not confirmed before), "undo" (a takeover was undone by mail), "host" or
    "operator"."""

    told: ClassVar[Told | None] = Told(
        text=_("Password changed"),
        owasp="authn_password_change",
        level="warn",
        instead=(Variant(field="by", value="operator", text=_("Password set by the site's operator"), level="warn"),),
    )
    user_id: Any
    by: str
    at: datetime
