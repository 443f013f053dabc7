"""What happens before a view runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class AccessRefused(Event):
    """Somebody who is logged in asked for what they have no right to; told once an hour for each page. `page` is the
    rule of the address, such as "/posts/<int:id>/edit": what stood in its place may be a secret of the host's.
    `reason` is the code of the refusal. `user_id` is None for whom a `request_loader` named that isn't a user."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("Not permitted: {verb} {page}"), owasp="authz_fail", level="warn", outcome="failure"
    )
    user_id: Any | None
    verb: str
    page: str
    reason: str
    at: datetime
