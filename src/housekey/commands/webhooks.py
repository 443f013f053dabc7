"""`flask housekey webhooks`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from housekey.capabilities.webhooks.actions import Tried, faults, try_out
from housekey.capabilities.webhooks.settings import WebhookSettings
from housekey.commands.terminal import say
from housekey.web.here import here

webhooks = AppGroup("webhooks", help="Whether webhooks work.")


@webhooks.command("test")
def test() -> None:
    """Send a test to each address at once, past the outbox, and say what came back."""
    if not here.house.settings[WebhookSettings].urls:
        raise click.ClickException("There is nowhere to send one: set HOUSEKEY_WEBHOOKS_URLS.")
    for fault in faults(here.house):
        raise click.ClickException(fault)  # the server wouldn't start
    tried = [_told(one) for one in try_out(here.house)]
    if not all(tried):
        raise click.ClickException("Not all took it. Events would be tried again, with growing pauses.")


def _told(tried: Tried) -> bool:
    """Whether it was taken."""
    if tried.error is None:
        say(f"{tried.target} took it: {tried.status}, after {tried.seconds or 0:.2f} s.")
    else:
        say(f"{tried.target} did not take it: {tried.error}.")
    return tried.error is None
