"""`flask housekey users export`, `close` and `keep`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec
from flask.cli import with_appcontext

from housekey.capabilities.leaving import closing, erasing, exporting
from housekey.commands.options import called, confirm, find_user, user_argument, yes_option
from housekey.commands.terminal import cell, say
from housekey.house import Unit
from housekey.store import users
from housekey.web.here import here
from housekey.web.profiles import profile_of


@click.command("export")
@user_argument
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False, writable=True),
    help="Write it there, readable by you alone, instead of showing it.",
)
@with_appcontext
def export(user: str, by_id: bool, output: Path | None) -> None:
    """Everything that is known of USER, as one JSON document without secrets. The user's history tells of it."""
    found = find_user(here.house, user, by_id)
    if output is not None:
        _prepare(output)
    with here.house.read() as connection:
        profile = profile_of(connection, found.id)
    document = msgspec.json.format(msgspec.json.encode(exporting.export(here.house, found.id, profile)))
    if output is None:
        click.echo(document)
        return
    output.write_bytes(document + b"\n")
    say(f"Written to {output}.")


def _prepare(output: Path) -> None:
    """Before anything is read, and noted in the person's history: a file that can't be written is told."""
    try:
        output.touch(mode=0o600)
        output.chmod(0o600)
    except OSError as error:
        raise click.ClickException(f"{output} can't be written: {error.strerror}. Name another FILE.") from None


@click.command("close")
@user_argument
@yes_option
@with_appcontext
def close(user: str, by_id: bool, yes: bool) -> None:
    """Close the account of USER: every session ends, and after some days (HOUSEKEY_LEAVING_DELAY) it is erased. Until
    then `keep`, or the user, can keep it; the user can't if you `disable` the account as well."""
    found = find_user(here.house, user, by_id)
    confirm(f"Close the account of {called(found)}?", yes)
    here.house.run(lambda unit: _close(unit, found.id))
    if erasing.erase(here.house, found.id):
        say(f"{called(found)} is erased.")
        return
    closing_at = find_user(here.house, user, by_id).closing_at
    say(f"{called(found)} is logged out everywhere; the account is erased at {cell(closing_at)} UTC.")


@click.command("keep")
@user_argument
@with_appcontext
def keep(user: str, by_id: bool) -> None:
    """Keep the account of USER, which is being closed. One that is disabled stays so: `enable` it."""
    found = find_user(here.house, user, by_id)
    here.house.run(lambda unit: _keep(unit, found.id))
    say(f"The account of {called(found)} stays.")


def _close(unit: Unit, user_id: Any) -> None:
    user = users.lock(unit.session, unit.schema, user_id)
    if user is not None and user.closing_at is None:
        closing.begin(unit, user, by="operator")


def _keep(unit: Unit, user_id: Any) -> None:
    user = users.lock(unit.session, unit.schema, user_id)
    if user is not None and user.closing_at is not None:
        closing.stop(unit, user.id, by="operator")
