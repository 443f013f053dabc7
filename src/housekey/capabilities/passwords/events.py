"""What happens to passwords."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from housekey.events import Event


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Event):
    """A password was set or changed. `by`: "user", "reset" (by mail), "host" or "operator"."""

    user_id: Any
    by: str
    at: datetime
