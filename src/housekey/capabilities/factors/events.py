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
class FactorRemoved(Event):
    """A second factor is gone, and the other sessions have ended. `last`: logins ask for none any more."""

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
