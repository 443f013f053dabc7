"""What is noticed about countries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from housekey.events import Event, Told
from housekey.kernel.texts import text as _


@dataclass(frozen=True, kw_only=True)
class NewCountry(Event):
    """A login came from a `country` (ISO 3166-1) from which nobody has logged in to the account in the last year; not
    told of the first country that an account is known to be used from. `new_device`: the browser was new, too."""

    personal: ClassVar[frozenset[str]] = frozenset({"country"})
    told: ClassVar[Told | None] = Told(
        text=_("Logged in from a new country"), owasp=None, level="warn", by_subject=True
    )
    user_id: Any
    session_id: str
    country: str
    address: str
    user_agent: str
    new_device: bool
    at: datetime
