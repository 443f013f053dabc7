"""What administrators do to users. Roles given and taken are told by `RoleGranted` and `RoleRevoked`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class UserDisabled(Event):
    """An account was shut: its sessions have ended, and nobody can log in to it. `actor` is the user who did it, None
    for the site's operator."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(text=_("Account disabled"), owasp="user_archived", level="bad")
    user_id: Any
    actor: Any = None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class UserEnabled(Event):
    """An account was opened again. Old sessions stay ended."""

    told: ClassVar[Told | None] = Told(text=_("Account enabled again"), owasp="user_updated", level="warn")
    user_id: Any
    actor: Any = None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ResetLinkSent(Event):
    """An administrator had a link to a new password mailed to a user."""

    told: ClassVar[Told | None] = Told(
        text=_("A link to choose a new password was sent"), owasp="user_updated", level="warn"
    )
    user_id: Any
    actor: Any
    at: datetime
