"""What happens when people leave. The end itself is told by registration's `UserDeleted`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told, Variant
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class ClosingBegun(Event):
    """An account is to be erased at `closes_at`, unless it is kept. All its other sessions have ended. `by`: "owner",
    "administrator" (`actor`) or "operator"."""

    told: ClassVar[Told | None] = Told(
        text=_("Account is being closed"),
        owasp="user_updated",
        level="bad",
        instead=(
            Variant(
                field="by", value="administrator", text=_("Account is being closed by an administrator"), level="bad"
            ),
            Variant(
                field="by", value="operator", text=_("Account is being closed by those who run the site"), level="bad"
            ),
        ),
    )
    user_id: Any
    by: str
    actor: Any = None
    closes_at: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ClosingStopped(Event):
    """A closing account is kept. `by`: "owner", "administrator" (`actor`), "operator", or "freeze": somebody has said
    “This wasn't me”."""

    told: ClassVar[Told | None] = Told(text=_("Account is kept, and not closed"), owasp="user_updated", level="warn")
    user_id: Any
    by: str
    actor: Any = None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ErasingFailed(Event):
    """An account whose time had come could not be erased, because rows of the host refer to it or a listener of
    `UserDeleted` raised an error. It is shut, and tried again at `next_try_at`. `error`: the kind of the error."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("Account could not be erased; it is shut until it can"), owasp=None, level="bad", outcome="failure"
    )
    user_id: Any
    error: str
    next_try_at: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DataExported(Event):
    """Everything that is known of a user was read out, by the user, by an administrator (`actor`) or by an operator."""

    told: ClassVar[Told | None] = Told(text=_("Data of the account exported"), owasp="sensitive_read", level="warn")
    user_id: Any
    actor: Any = None
    at: datetime
