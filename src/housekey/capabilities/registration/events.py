"""What happens when people come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class UserRegistered(Event):
    """Somebody has made an account. A listener's error undoes it."""

    told: ClassVar[Told | None] = Told(text=_("Account made"), owasp="user_created", level="good", by_subject=True)
    user_id: Any
    at: datetime


@dataclass(frozen=True, kw_only=True)
class UserDeleted(Event):
    """An account is about to go for good, its sessions have ended. Rows of yours that refer to the user can still be
    removed or handed on. A listener's error stops the deletion, so that nothing is left half done."""

    told: ClassVar[Told | None] = Told(text=_("Account deleted"), owasp="user_deleted", level="bad")
    user_id: Any
    at: datetime
