"""What happens on the road."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told, Variant
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class LoggedIn(Event):
    """A session was opened. `new_device`: this browser had never logged in to the account, or calls itself by another
    name than then; `first`: nobody had ever logged in to it."""

    told: ClassVar[Told | None] = Told(
        text=_("Logged in"),
        owasp="authn_login_success",
        by_subject=True,
        instead=(
            Variant(field="first", value=True, text=_("Logged in for the first time")),
            Variant(field="new_device", value=True, text=_("Logged in from a new device"), level="warn"),
        ),
    )
    user_id: Any
    session_id: str
    methods: tuple[str, ...]
    address: str
    user_agent: str
    new_device: bool
    first: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class LoginRefused(Event):
    """A try was refused. `user_id` is None if nobody bears the identifier, which is told only as its HMAC in
    hexadecimal digits (`identifier_hmac`): people type passwords there. `reason` is a stable word for operators, never
    shown to the one who tried."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("A login was refused"),
        owasp="authn_login_fail",
        level="warn",
        outcome="failure",
        instead=(
            Variant(field="reason", value="invalid_credentials", text=_("A login failed"), level="warn"),
            Variant(field="reason", value="locked", text=_("A login was refused: the account is locked"), level="bad"),
            Variant(
                field="reason", value="disabled", text=_("A login was refused: the account is disabled"), level="warn"
            ),
            Variant(field="reason", value="frozen", text=_("A login was refused: the account is frozen"), level="warn"),
        ),
    )
    user_id: Any | None
    method: str
    reason: str
    address: str
    network: str | None
    user_agent: str
    known_device: bool
    identifier_hmac: str | None = None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ChallengeRaised(Event):
    """A login waits for a further step."""

    told: ClassVar[Told | None] = Told(text=_("A login waits for a further step"), owasp=None, by_subject=True)
    user_id: Any
    challenge: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SteppedUp(Event):
    """The person of a live session proved again who they are."""

    told: ClassVar[Told | None] = Told(text=_("Confirmed who they are"), owasp="session_renewed", by_subject=True)
    user_id: Any
    session_id: str
    methods: tuple[str, ...]
    at: datetime


@dataclass(frozen=True, kw_only=True)
class SessionEnded(Event):
    """Sessions ended. `why`: logout, ended_by_user, replaced, password_changed, disabled, limit, …"""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("Session ended"),
        owasp="session_expired",
        instead=(
            Variant(field="why", value="logout", text=_("Logged out")),
            Variant(field="why", value="logout_everywhere", text=_("Logged out everywhere")),
            Variant(field="why", value="replaced", text=_("Session replaced by a new login")),
            Variant(field="why", value="password_changed", text=_("Sessions ended because the password changed")),
            Variant(field="why", value="email_changed", text=_("Sessions ended because the e-mail address changed")),
            Variant(field="why", value="frozen", text=_("Sessions ended because the account was frozen"), level="bad"),
            Variant(field="why", value="disabled", text=_("Sessions ended because the account was disabled")),
            Variant(field="why", value="factor_added", text=_("Sessions ended because two-step login was switched on")),
            Variant(field="why", value="factors_reset", text=_("Sessions ended because two-step login was reset")),
            Variant(field="why", value="factor_removed", text=_("Sessions ended because a second factor was removed")),
            Variant(field="why", value="limit", text=_("Session ended: too many at once")),
            Variant(field="why", value="administrator", text=_("Sessions ended by an administrator"), level="warn"),
            Variant(field="why", value="revoked", text=_("Sessions ended by the site's operator"), level="warn"),
            Variant(
                field="why", value="protection", text=_("Session ended: it turned up in another browser"), level="bad"
            ),
        ),
    )
    user_id: Any
    session_ids: tuple[str, ...]
    why: str
    at: datetime
