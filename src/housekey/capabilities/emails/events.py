"""What happens to the addresses of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told, Variant
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class EmailChangeRequested(Event):
    """Somebody logged in wants `email` to be the account's address. Nothing has changed: that address has to confirm it
    first. `confirmed`: whether the address that the account has is known to be its owner's."""

    told: ClassVar[Told | None] = Told(
        text=_("Another e-mail address was asked for"), owasp="user_updated", level="warn"
    )
    user_id: Any
    email: str
    confirmed: bool
    at: datetime


@dataclass(frozen=True, kw_only=True)
class EmailChangeWithdrawn(Event):
    """The address that was asked for isn't wanted any more."""

    told: ClassVar[Told | None] = Told(text=_("The change of the e-mail address was withdrawn"), owasp=None)
    user_id: Any
    at: datetime


@dataclass(frozen=True, kw_only=True)
class EmailAdded(Event):
    """The account has a further address, to log in with and to get back in by."""

    told: ClassVar[Told | None] = Told(text=_("E-mail address added"), owasp="user_updated", level="warn")
    user_id: Any
    email: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class EmailRemoved(Event):
    """A further address is the account's no more."""

    told: ClassVar[Told | None] = Told(text=_("E-mail address removed"), owasp="user_updated", level="warn")
    user_id: Any
    email: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class EmailChanged(Event):
    """`email` is the account's address now, and no longer `former`, which the account may not have had and which was
    `confirmed` or not. `by`: "user", or "undo" (a takeover was undone by mail)."""

    personal: ClassVar[frozenset[str]] = frozenset({"former"})
    told: ClassVar[Told | None] = Told(
        text=_("E-mail address changed"),
        owasp="user_updated",
        level="warn",
        instead=(Variant(field="by", value="undo", text=_("Former e-mail address put back"), level="warn"),),
    )
    user_id: Any
    former: str | None
    email: str | None
    confirmed: bool
    by: str
    at: datetime
