"""`flask housekey sweep`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from housekey.commands.options import json_option
from housekey.commands.progress import progress_bar
from housekey.commands.terminal import as_json, say
from housekey.store import orphans, sweeping
from housekey.web.here import here


@click.command("sweep")
@json_option
@with_appcontext
def sweep(in_json: bool) -> None:
    """Delete what has expired: ended sessions, logins never finished, old counts, and what users left who were deleted
    behind SQLAlchemy's back. For a nightly job."""
    with progress_bar("Sweeping") as progress:
        swept = sweeping.sweep(here.house, progress)
    swept["orphans"] = orphans.sweep(here.house)
    if in_json:
        as_json(swept)
        return
    told = [f"{number} {noun}" for noun, number in swept.items() if number]
    say(f"Swept: {', '.join(told)}." if told else "Nothing has expired.")
