"""Carries what the outbox holds of the kind "webhook"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from housekey.capabilities.outbox.carriers import Parcel
from housekey.capabilities.webhooks import signing, targets
from housekey.capabilities.webhooks.messages import Message
from housekey.capabilities.webhooks.settings import WebhookSettings
from housekey.errors import DeliveryPostponed, DeliveryRefused
from housekey.house import House
from housekey.kernel import clock

if TYPE_CHECKING:
    from housekey.capabilities.webhooks.sending import Answer

KIND = "webhook"
GONE = 410
SAID_LENGTH = 120
"""Characters of an answer's text that the outbox keeps."""


class WebhookCarrier:
    """One for each app."""

    keeps_bodies = False
    at_leisure = True

    def __init__(self, house: House) -> None:
        self._house = house
        self._silent: dict[str, str] = {}
        """Addresses that gave no answer in this round: a thousand webhooks don't wait for a thousand timeouts."""

    def carry(self, parcel: Parcel) -> None:
        """Raises `DeliveryRefused` and `DeliveryPostponed` unless the receiver took it."""
        from housekey.capabilities.webhooks.sending import NoAnswer

        message = Message.unpacked(parcel.body)
        if message.url not in self._settings.urls:
            raise DeliveryRefused("its address isn't in HOUSEKEY_WEBHOOKS_URLS any more")
        if message.url in self._silent:
            raise DeliveryPostponed(self._silent[message.url])
        try:
            judge(self.send(message))
        except NoAnswer as error:
            self._silent[message.url] = str(error)
            raise

    def rest(self) -> None:
        self._silent.clear()

    def send(self, message: Message) -> Answer:
        """At once. Raises `DeliveryError`."""
        from housekey.capabilities.webhooks import sending

        return sending.send(
            targets.read(message.url),
            self._headers(message),
            message.payload.encode(),
            seconds=self._settings.timeout.total_seconds(),
            may_be_local=self._house.trying_out(),
        )

    def _headers(self, message: Message) -> Mapping[str, str]:
        """Signed anew at each try: receivers refuse what is signed long ago."""
        signed = signing.headers(message.id, clock.now(), message.payload.encode(), self._settings.secrets)
        return {"Content-Type": "application/json", "User-Agent": "Housekey", "Connection": "close", **signed}

    @property
    def _settings(self) -> WebhookSettings:
        return self._house.settings[WebhookSettings]


def judge(answer: Answer) -> None:
    """Raises unless it means: taken."""
    if 200 <= answer.status < 300:
        return
    if answer.status == GONE:
        raise DeliveryRefused("410: it is gone for good. Take its address out of HOUSEKEY_WEBHOOKS_URLS")
    if 300 <= answer.status < 400:
        raise DeliveryPostponed(f"{answer.status}: a redirect, which isn't followed. Is the address right?")
    raise DeliveryPostponed(f"{answer.status} {answer.reason} {answer.said[:SAID_LENGTH]}".strip())
