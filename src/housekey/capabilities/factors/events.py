"""What happens to second factors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told, Variant
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class FactorAdded(Event):
    """A person has a further second factor. `method` as in `amr`; `first`: from now on every login asks for one, and
    the other sessions have ended."""

    told: ClassVar[Told | None] = Told(
        text=_("Second factor added: {name}"),
        owasp="authn_token_created",
        level="good",
        instead=(Variant(field="first", value=True, text=_("Two-step login switched on: {name}"), level="good"),),
    )
    user_id: Any
    method: str
    name: str
    first: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FactorRenamed(Event):
    """A second factor is called otherwise."""

    told: ClassVar[Told | None] = Told(text=_("Second factor renamed: {name}"), owasp="user_updated")
    user_id: Any
    method: str
    name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FactorPutBack(Event):
    """A second factor that was removed is there again: its owner got a frozen account back."""

    told: ClassVar[Told | None] = Told(
        text=_("Second factor put back: {name}"), owasp="authn_token_created", level="good"
    )
    user_id: Any
    method: str
    name: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FactorRemoved(Event):
    """A second factor is gone, and the other sessions have ended. `last`: logins ask for none any more. `by`: "user",
    or "undo" for one that was taken away when the owner got a frozen account back."""

    told: ClassVar[Told | None] = Told(
        text=_("Second factor removed: {name}"),
        owasp="authn_token_revoked",
        level="warn",
        instead=(Variant(field="last", value=True, text=_("Two-step login switched off: {name}"), level="bad"),),
    )
    user_id: Any
    method: str
    name: str
    last: bool
    by: str = "user"
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DeviceTrusted(Event):
    """A browser isn't asked for the second step any more, up to `until`."""

    told: ClassVar[Told | None] = Told(
        text=_("A device was trusted: it isn't asked for the second step"), owasp="authn_token_created", level="warn"
    )
    user_id: Any
    until: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True)
class DeviceTrustEnded(Event):
    """The owner has a browser asked for the second step again."""

    told: ClassVar[Told | None] = Told(text=_("A device is trusted no more"), owasp="authn_token_revoked")
    user_id: Any
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FactorsResetBegun(Event):
    """All second factors of a person will be taken away at `takes_effect_at`, unless somebody stops it. `by`:
    "administrator" (`actor`) or "operator"."""

    told: ClassVar[Told | None] = Told(
        text=_("Reset of the two-step login asked for, by those who run the site"), owasp="user_updated", level="bad"
    )
    user_id: Any
    by: str
    actor: Any = None
    takes_effect_at: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FactorsResetStopped(Event):
    """A reset that waited doesn't take place. `by`: "user", also by a freeze; "administrator" (`actor`) or "operator";
    "site", if the administrator who asked for it couldn't ask any more when its time came, or has changed the password
    or frozen the account meanwhile."""

    told: ClassVar[Told | None] = Told(
        text=_("Reset of the two-step login stopped"), owasp="user_updated", level="warn"
    )
    user_id: Any
    by: str
    actor: Any = None
    at: datetime


@dataclass(frozen=True, kw_only=True)
class FactorsReset(Event):
    """All second factors of a person were taken away, with all that was open. `by`: "administrator" (`actor`) or
    "operator"."""

    told: ClassVar[Told | None] = Told(
        text=_("Two-step login reset by those who run the site"), owasp="authn_token_revoked", level="bad"
    )
    user_id: Any
    by: str
    actor: Any = None
    at: datetime
