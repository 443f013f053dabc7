"""The verbs of webhooks: write one down, try them out, say what is wrong."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from housekey.capabilities.outbox.actions import Posting, post
from housekey.capabilities.outbox.events import DeliveryFailed
from housekey.capabilities.outbox.tables import PURPOSE_LENGTH
from housekey.capabilities.webhooks import targets
from housekey.capabilities.webhooks.carrier import KIND, WebhookCarrier, judge
from housekey.capabilities.webhooks.messages import Message, new_id, payload, payload_of
from housekey.capabilities.webhooks.names import TRY, all_names, name_of
from housekey.capabilities.webhooks.settings import WebhookSettings
from housekey.errors import ConfigurationError, DeliveryError
from housekey.events import Event
from housekey.house import House, Unit
from housekey.kernel import clock


def tell(unit: Unit, event: Event) -> None:
    """One for each address, in the transaction of what it tells of. They are nobody's rows: that somebody was deleted
    is told after the rows of that user are gone."""
    settings, name = unit.house.settings[WebhookSettings], name_of(type(event))
    if (settings.events and name not in settings.events) or _would_go_on_for_ever(event):
        return
    webhook_id, said = new_id(), payload_of(event)
    for url in settings.urls:
        body = Message(webhook_id, url, said).packed()
        recipient, purpose = str(targets.read(url)), name[:PURPOSE_LENGTH]
        post(unit, Posting(kind=KIND, purpose=purpose, recipient=recipient, body=body, reference=webhook_id))


def _would_go_on_for_ever(event: Event) -> bool:
    """A webhook that tells of a webhook that failed fails in its turn."""
    return isinstance(event, DeliveryFailed) and event.kind == KIND


@dataclass(frozen=True)
class Tried:
    """What became of a test: `error`, or None if it was taken."""

    target: str
    status: int | None
    seconds: float | None
    error: str | None


def try_out(house: House) -> Iterator[Tried]:
    """Send a test to each address at once, past the outbox."""
    carrier = house.service(WebhookCarrier)
    for url in house.settings[WebhookSettings].urls:
        message = Message(new_id(), url, payload(TRY, clock.now(), {}))
        status, seconds, error = None, None, None
        try:
            answer = carrier.send(message)
            status, seconds = answer.status, answer.seconds
            judge(answer)
        except DeliveryError as refusal:
            error = str(refusal)
        yield Tried(str(targets.read(url)), status, seconds, error)


def faults(house: House) -> Iterator[str]:
    """What is wrong with the settings that only shows when the app is complete."""
    settings = house.settings[WebhookSettings]
    for number, url in enumerate(settings.urls, 1):
        if targets.read(url).is_local and not house.trying_out():
            yield f"HOUSEKEY_WEBHOOKS_URLS: number {number} is this machine, which is for debug mode and tests."
    names = all_names() if settings.events else {}
    for name in settings.events:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            hint = f" Did you mean “{near[0]}”?" if near else ""
            yield f"HOUSEKEY_WEBHOOKS_EVENTS: no event is called “{name}”.{hint}"


def refuse_faults(house: House) -> None:
    """Raises `ConfigurationError`."""
    if found := list(faults(house)):
        raise ConfigurationError(" ".join(found))
