"""What the outbox notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told, Variant
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class DeliveryFailed(Event):
    """Something could not be sent: it was refused for good, or tried in vain for too long. `id` finds it in the outbox,
    where its last error stands."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("A mail could not be delivered: {purpose}"),
        owasp=None,
        level="warn",
        outcome="failure",
        instead=(
            Variant(field="kind", value="webhook", text=_("A webhook could not be delivered: {purpose}"), level="warn"),
        ),
    )
    id: str
    kind: str
    purpose: str
    user_id: Any
    at: datetime
