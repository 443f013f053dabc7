"""Sending what waits: one round after another, in the background thread, in a command or in a test."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from housekey.capabilities.outbox import claims
from housekey.capabilities.outbox.carriers import Carrier, Carriers
from housekey.capabilities.outbox.claims import Due
from housekey.errors import CarrierDown, DeliveryError, DeliveryRefused
from housekey.house import House
from housekey.kernel import clock
from housekey.kernel.jitter import CHANCE
from housekey.kernel.sealing import SealBroken, SealError

log = logging.getLogger("housekey.outbox")
REASON_LENGTH = 280
FEW = 4
TOO_LATE = "nothing could send it in time"
_LONG_WORDS = re.compile(r"\S*://\S+|[\w+/=-]{20,}")
"""Addresses of pages, and what might be a token: a mail server may quote the mail that it refuses."""
_SETTING = re.compile(r"HOUSEKEY_[A-Z_]+")
"""Our own words of what to do about it."""


@dataclass
class Round:
    """What became of the parcels of one round."""

    delivered: int = 0
    postponed: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        return self.delivered + self.postponed + self.failed


def deliver_due(house: House, stop: Callable[[], bool] = lambda: False, done: Round | None = None) -> Round:
    """Send everything whose time has come. Ends early if `stop()`, and leaves a kind alone whose carrier is down.
    `done` is counted on, and holds what went out before an error."""
    carriers, done = dict(house.service(Carriers).by_kind), done or Round()
    resting = list(carriers.values())
    try:
        while found := _due(house, carriers):
            CHANCE.shuffle(found)  # several senders start at different ends
            if not _deliver(house, found, carriers, done, stop):
                break
    finally:
        for carrier in resting:
            carrier.rest()
    return done


def _due(house: House, carriers: dict[str, Carrier]) -> list[Due]:
    """Of what may wait only a few at a time, so that the others are soon looked for again."""
    first = [kind for kind, carrier in carriers.items() if not carrier.at_leisure]
    others = [kind for kind in carriers if kind not in first]
    return claims.due(house, first) or claims.due(house, others, FEW)


def _deliver(
    house: House, found: list[Due], carriers: dict[str, Carrier], done: Round, stop: Callable[[], bool]
) -> bool:
    """Whether to look for more."""
    for seen in found:
        if stop():
            return False
        carrier = carriers.get(seen.kind)  # none if it went down in the middle of this batch
        row = house.run(partial(claims.claim, seen=seen)) if carrier is not None else None
        if carrier is None or row is None:
            continue
        try:
            _carry(house, row, carrier, done)
        except CarrierDown:
            carriers.pop(seen.kind)
    return True


def _carry(house: House, row: sa.RowMapping, carrier: Carrier, done: Round) -> None:
    """Raises `CarrierDown` once that is written down."""
    try:
        if row["give_up_at"] <= clock.now():
            raise DeliveryRefused(TOO_LATE)
        carrier.carry(claims.opened(house, row))
    except (DeliveryRefused, SealBroken) as error:
        done.failed += 1
        house.run(partial(claims.failed, row=row, reason=told(error)))
        log.warning("%s %s was refused: %s", row["kind"], row["id"], told(error))
    except Exception as error:
        done.postponed += 1
        house.run(partial(claims.postponed, row=row, reason=told(error)))
        log.warning("%s %s waits, try %d failed: %s", row["kind"], row["id"], row["tries"], told(error))
        if isinstance(error, CarrierDown):
            raise
    else:
        done.delivered += 1
        house.run(partial(claims.delivered, row=row, keep_body=carrier.keeps_bodies))
        log.info("%s %s is delivered", row["kind"], row["id"])


def told(error: Exception) -> str:
    """An error in words that may be kept. Of errors that aren't ours only the kind: an HTTP client quotes the address
    with its key."""
    if isinstance(error, SealError):
        return str(error)[:REASON_LENGTH]  # our own words
    return without_secrets(str(error)) if isinstance(error, DeliveryError) else type(error).__name__


def without_secrets(text: str) -> str:
    """One line, short, without links and without what might be a token."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    shown = _LONG_WORDS.sub(lambda word: word[0] if _SETTING.fullmatch(word[0]) else "…", " ".join(plain.split()))
    return shown[:REASON_LENGTH]
