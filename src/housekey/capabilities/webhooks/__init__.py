"""Events, sent to other servers: signed, and by the same outbox as mails."""

from functools import partial

from housekey.capabilities.outbox.carriers import Carriers
from housekey.capabilities.webhooks.carrier import KIND, WebhookCarrier
from housekey.capabilities.webhooks.settings import WebhookSettings
from housekey.capability import Capability
from housekey.events import Event
from housekey.house import House, Unit


def start(house: House) -> None:
    """The carrier is there even without an address: what waits for one that was taken away must end."""
    carrier = WebhookCarrier(house)
    house.provide(carrier)
    house.service(Carriers).by_kind[KIND] = carrier
    if house.settings[WebhookSettings].urls:
        listen(house)


def listen(house: House) -> None:
    """Imported here: an app that sends none doesn't pay for it."""
    from housekey.capabilities.webhooks import actions

    house.events.on(Event, lambda event, session: actions.tell(Unit(house, session), event))
    house.checks.append(partial(actions.refuse_faults, house))


capability = Capability(name="webhooks", settings=WebhookSettings, needs=("outbox",), start=start)
