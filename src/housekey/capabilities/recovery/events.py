"""What happens when people want back in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event


@dataclass(frozen=True, kw_only=True)
class RecoveryRequested(Event):
    """Somebody has asked for a mail to get back in. `wish`: "password" or "username"; `user_id` None: the address is
    nobody's, and the answer was the same."""

    ends: ClassVar[bool] = True
    user_id: Any
    wish: str
    at: datetime
