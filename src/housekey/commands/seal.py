"""`flask housekey seal …`."""

from __future__ import annotations

import sys

import click
from flask.cli import with_appcontext

from housekey.commands.options import json_option
from housekey.commands.progress import progress_bar
from housekey.commands.terminal import as_json, say
from housekey.kernel.sealing import SealError
from housekey.store import resealing
from housekey.web.here import here

SHOWN = 5
"""Texts that can't be opened and are told one by one; the rest are counted."""


@click.group("seal")
def seal() -> None:
    """What is encrypted in the database: seeds of authenticator apps, and mails that wait."""


@seal.command("rotate")
@json_option
@with_appcontext
def rotate(in_json: bool) -> None:
    """Encrypt all of it under the newest key, so that a former one can be taken out of the settings.

    The site may run meanwhile, with the new key and the former one in its settings. What is interrupted is continued by
    running it again. The exit code is 1 if something can't be decrypted.
    """
    try:
        with progress_bar("Sealing") as progress:
            done = resealing.rotate(here.house, progress)
    except SealError as error:
        raise click.ClickException(str(error)) from None
    if in_json:
        as_json({"resealed": done.resealed, "unreadable": len(done.unreadable)})
    else:
        _tell(done)
    if done.unreadable:
        sys.exit(1)


def _tell(done: resealing.Resealed) -> None:
    say(f"Sealed anew: {done.resealed}." if done.resealed else "Nothing was to be sealed anew.")
    for line in done.unreadable[:SHOWN]:
        say(f"  {line}")
    if len(done.unreadable) > SHOWN:
        say(f"  and {len(done.unreadable) - SHOWN} more that can't be opened.")
