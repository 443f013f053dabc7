"""What happens when people are brought in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class UsersImported(Event):
    """An operator has imported accounts from a file: one event for each batch, not a `UserRegistered` for each user."""

    told: ClassVar[Told | None] = Told(text=_("Accounts imported: {count}"), owasp="user_created", level="info")
    count: int
    user_ids: tuple[Any, ...]
    at: datetime
