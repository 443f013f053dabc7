"""What happens to profiles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from housekey.events import Event


@dataclass(frozen=True, kw_only=True)
class ProfileChanged(Event):
    """A person changed these fields of their profile; not what they were or are now. A listener's error undoes it."""

    user_id: Any
    fields: tuple[str, ...]
    at: datetime
