"""Who carries what: one carrier for each kind of parcel: mails and webhooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """What a carrier gets: a row of the outbox that is ours until its lease ends, its body opened."""

    id: str
    kind: str
    purpose: str
    user_id: Any
    recipient: str
    reference: str
    body: bytes = field(repr=False)
    tries: int
    give_up_at: datetime


class Carrier(Protocol):
    """Sends the parcels of one kind. May be called from several threads."""

    @property
    def keeps_bodies(self) -> bool:
        """Whether a body stays, sealed, after it was delivered: only in the mailbox of the demo and of debug mode."""

    @property
    def at_leisure(self) -> bool:
        """Whether all others go first: a mail that somebody waits for doesn't wait for a stranger's slow server."""

    def carry(self, parcel: Parcel) -> None:
        """Send it. Raises `DeliveryRefused` if it never will be taken, `CarrierDown` if nothing can be sent just now,
        and anything else, best `DeliveryPostponed`, if it should be tried again."""

    def rest(self) -> None:
        """Nothing more waits: close what was kept open."""


@dataclass
class Carriers:
    """The carriers of one app, by kind, and who is to be told that something was posted."""

    by_kind: dict[str, Carrier] = field(default_factory=dict)
    on_posted: Callable[[], None] = lambda: None
