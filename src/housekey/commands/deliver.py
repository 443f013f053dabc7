"""`flask housekey deliver`."""

from __future__ import annotations

import signal
import threading
from typing import Any

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError

from housekey.capabilities.outbox.delivery import Round, deliver_due
from housekey.commands.options import json_option
from housekey.commands.terminal import as_json, say
from housekey.web.here import here


@click.command("deliver")
@click.option("--forever", is_flag=True, help="Go on until the process is told to end (SIGTERM, Ctrl+C).")
@click.option(
    "--every",
    type=click.FloatRange(0.1),
    default=5,
    show_default=True,
    help="With --forever: seconds between two looks.",
)
@json_option
@with_appcontext
def deliver(forever: bool, every: float, in_json: bool) -> None:
    """Send the mails and webhooks that wait. Several may run at once, beside the threads of the server: each goes out
    once."""
    stop = threading.Event()
    if forever:
        _end_softly(stop)
    while True:
        done = _round(stop, forever)
        _tell(done, in_json, quiet=forever)
        if not forever or stop.wait(every):
            return


def _end_softly(stop: threading.Event) -> None:
    """The mail that is just being sent is finished first."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())


def _round(stop: threading.Event, forever: bool) -> Round:
    """A database that is away ends one look, not the service; what went out before is told."""
    done = Round()
    try:
        deliver_due(here.house, stop.is_set, done)
    except DBAPIError as error:
        if not forever:
            raise
        click.echo(f"The database doesn't answer: {error.orig}", err=True)
    return done


def _tell(done: Round, in_json: bool, *, quiet: bool) -> None:
    about: dict[str, Any] = {"delivered": done.delivered, "postponed": done.postponed, "failed": done.failed}
    if quiet and not done.total:
        return
    if in_json:
        as_json(about)
    elif not done.total:
        say("Nothing waits to be sent.")
    else:
        say(", ".join(f"{number} {word}" for word, number in about.items()))
