"""What happens to addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event


@dataclass(frozen=True, kw_only=True)
class EmailConfirmed(Event):
    """Somebody who reads the mail of this address has shown it. `took_over`: the account had been begun by somebody
    else, whose password and sessions are gone."""

    ends: ClassVar[bool] = True
    user_id: Any
    took_over: bool
    at: datetime
