"""What happens to roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class RoleGranted(Event):
    """A user got a role. `actor` is the user who gave it, None for the site itself or its operator."""

    told: ClassVar[Told | None] = Told(text=_("Role given: {role}"), owasp="authz_change", level="warn")
    user_id: Any
    role: str
    actor: Any = None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RoleRevoked(Event):
    """A role was taken from a user; counts from the user's next request on."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(text=_("Role taken: {role}"), owasp="authz_change", level="warn")
    user_id: Any
    role: str
    actor: Any = None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RoleChanged(Event):
    """A role was made, or its permissions are others now."""

    told: ClassVar[Told | None] = Told(
        text=_("Role {role} made or changed"), owasp="privilege_permissions_changed", level="warn"
    )
    role: str
    permissions: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class RoleDeleted(Event):
    """A role is gone, from everybody."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("Role {role} deleted"), owasp="privilege_permissions_changed", level="warn"
    )
    role: str
    at: datetime
