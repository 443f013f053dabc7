"""What happens when somebody says: this wasn't me."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told, Variant
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class AccountFrozen(Event):
    """Somebody who reads the mailbox of an account has shut it, by the link of a notice. All that it was granted has
    ended; nobody can log in until this is lifted."""

    ends: ClassVar[bool] = True
    told: ClassVar[Told | None] = Told(
        text=_("Account frozen by “This wasn't me”"), owasp="user_archived", level="bad", by_subject=True
    )
    user_id: Any
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AccountUnfrozen(Event):
    """A frozen account is open again. `by`: "owner", who has proved a password or second factor from before,
    "administrator" (`actor`) or "operator". `version`: the `security_version` whose state the owner gets back; a
    listener's error leaves the account frozen."""

    told: ClassVar[Told | None] = Told(
        text=_("Freeze of the account lifted"),
        owasp="user_updated",
        level="warn",
        instead=(Variant(field="by", value="owner", text=_("Account opened again by its owner"), level="warn"),),
    )
    user_id: Any
    by: str
    actor: Any = None
    version: int | None = None
    at: datetime
