"""What happens to profiles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(Event):
    """A person changed these fields of their profile; not what they were or are now. A listener's error undoes it."""

    told: ClassVar[Told | None] = Told(text=_("Profile changed: {fields}"), owasp="user_updated")
    user_id: Any
    fields: tuple[str, ...]
    at: datetime
