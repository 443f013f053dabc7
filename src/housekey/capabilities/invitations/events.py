"""What happens to invitations. Their roles are told by `RoleGranted`, once they are used."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class InvitationSent(Event):
    """Somebody was invited, or once more. `user_id` is the one who invites, None for the site's operator. The same
    where `email` has an account already: only that one's owner learns it."""

    told: ClassVar[Told | None] = Told(text=_("Invitation sent"), owasp=None, level="warn")
    user_id: Any
    invitation_id: str
    email: str
    roles: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class InvitationWithdrawn(Event):
    """An invitation works no more. `user_id` is whoever had sent it, `actor` whoever withdrew it."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(text=_("Invitation withdrawn"), owasp=None)
    user_id: Any
    invitation_id: str
    actor: Any
    at: datetime


@dataclass(frozen=True, kw_only=True)
class InvitationAccepted(Event):
    """Somebody has made an account by an invitation. `inviter`: the user who had sent it, None for the operator."""

    told: ClassVar[Told | None] = Told(
        text=_("Invitation accepted"), owasp="user_created", level="good", by_subject=True
    )
    user_id: Any
    invitation_id: str
    inviter: Any
    at: datetime
