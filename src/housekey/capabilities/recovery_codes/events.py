"""What happens to recovery codes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class RecoveryCodesMade(Event):
    """A person has new recovery codes; older ones have ended. `renewed`: there were some."""

    told: ClassVar[Told | None] = Told(text=_("Recovery codes made"), owasp="authn_token_created", level="warn")
    user_id: Any
    renewed: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RecoveryCodeUsed(Event):
    """A recovery code was used up as the second step of a login. `left`: how many still work."""

    told: ClassVar[Told | None] = Told(
        text=_("Recovery code used; codes left: {left}"), owasp="authn_token_revoked", level="warn", by_subject=True
    )
    user_id: Any
    left: int
    at: datetime
