"""`flask housekey mail`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.mail.trying import send_test
from housekey.commands.options import PLAIN
from housekey.commands.terminal import say
from housekey.errors import DeliveryError
from housekey.kernel.mail import BadAddress
from housekey.web.here import here

mail = AppGroup("mail", help="Whether mail works.")


@mail.command("test")
@click.argument("address", type=PLAIN)
def test(address: str) -> None:
    """Send a test to ADDRESS at once, past the outbox, and say what the mail server answered."""
    way = here.house.service(MailCarrier).way
    try:
        send_test(here.house, address)
    except BadAddress:
        raise click.ClickException(f"{address!r} is no e-mail address.") from None
    except DeliveryError as error:
        raise click.ClickException(f"It was not sent: {error}") from None
    say(f"Sent to {address} ({way}). Look whether it has arrived, and not as spam.")
