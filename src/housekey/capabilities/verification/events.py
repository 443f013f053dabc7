"""What happens to addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told, Variant
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class EmailConfirmed(Event):
    """Somebody who reads the mail of this address has shown it. `took_over`: the account had been begun by somebody
    else, whose password and sessions are gone."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("The e-mail address was confirmed"),
        owasp=None,
        level="good",
        by_subject=True,
        instead=(
            Variant(
                field="took_over",
                value=True,
                text=_("The owner of the address took the account over from whoever had begun it"),
                level="warn",
            ),
        ),
    )
    user_id: Any
    took_over: bool
    at: datetime
