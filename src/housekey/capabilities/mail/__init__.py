"""Letters: written in the transaction of what they tell of, carried by the outbox."""

from housekey.capabilities.mail import events, pages
from housekey.capabilities.mail.actions import KIND
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.mail.settings import MailSettings
from housekey.capabilities.outbox.carriers import Carriers
from housekey.capability import Capability
from housekey.errors import ConfigurationError
from housekey.house import House


def start(house: House) -> None:
    """Mails are one kind of what the outbox holds."""
    carrier = MailCarrier(house)
    house.provide(carrier)
    house.service(Carriers).by_kind[KIND] = carrier
    house.checks.append(lambda: refuse_to_keep(house))


def refuse_to_keep(house: House) -> None:
    """A mailbox that nobody reads is for trying out: real people would wait for their mails."""
    if house.settings[MailSettings].transport == "mailbox" and not house.trying_out():
        raise ConfigurationError(
            'HOUSEKEY_MAIL_TRANSPORT = "mailbox" is for debug mode and tests: set HOUSEKEY_MAIL_HOST, your mail server.'
        )


capability = Capability(
    name="mail",
    settings=MailSettings,
    pages=pages.pages,
    events=(events.MailWithheld,),
    needs=("outbox", "throttling"),
    start=start,
)
