"""`flask housekey db`: the tables of this release, made and checked."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from housekey.commands.options import confirm, json_option, yes_option
from housekey.commands.progress import progress_bar
from housekey.commands.restoring import end_everything
from housekey.commands.terminal import as_json, say, shown
from housekey.store import upgrading
from housekey.store.upgrading import State, Upgraded
from housekey.web.here import here

db = AppGroup("db", help="Housekey's own tables. Your models are migrated by you.")
SHOWN = 20
"""Names that two users share; the rest are counted, and all stand in --json."""


@db.command("upgrade")
@json_option
def upgrade(in_json: bool) -> None:
    """Make the tables, or bring them to the newest revision, and take on users from before. Run it at each deployment,
    after your own migrations; it may be interrupted and run again."""
    with progress_bar("Taking on users") as progress:
        done = upgrading.upgrade(here.house.store, progress)
    if in_json:
        as_json({"before": done.before, "revision": done.after, **_adopted(done)})
        return
    was = "were there already" if done.before == done.after else "are there now"
    say(f"The tables of revision {done.after} {was}.")
    say(f"Users taken on: {done.adopted.users}")
    _tell_unusable(done)


def _adopted(done: Upgraded) -> dict[str, object]:
    unusable = [
        {"user": str(one.user_id), "kind": one.kind, "bearer": None if one.bearer is None else str(one.bearer)}
        for one in done.adopted.unusable
    ]
    return {"adopted": done.adopted.users, "unusable": unusable}


def _tell_unusable(done: Upgraded) -> None:
    """By their keys alone: an operator's terminal and its log need no addresses."""
    found = done.adopted.unusable
    if found:
        say("Names that can't be used to log in; change them in your users' table through your app:")
    for one in found[:SHOWN]:
        say(f"  {shown(str(one))}")
    if len(found) > SHOWN:
        say(f"  and {len(found) - SHOWN} more; --json shows all.")


@db.command("check")
@json_option
@click.pass_context
def check(context: click.Context, in_json: bool) -> None:
    """Compare the database with the tables of this release. Exit code 1 if anything is to be done."""
    state = upgrading.check(here.house.store)
    if in_json:
        as_json(
            {
                "good": state.good,
                "revision": state.version,
                "newest": state.latest,
                "differences": state.differences,
                "unadopted": state.unadopted,
            }
        )
    else:
        _tell(state)
    context.exit(0 if state.good else 1)


def _tell(state: State) -> None:
    if state.good:
        say(f"All is well: the tables are at revision {state.version}, the newest.")
        return
    if state.version != state.latest:
        say(f"The tables are at revision {state.version or 'none'}; the newest is {state.latest}.")
    for difference in state.differences:
        say(shown(difference))
    if state.unadopted:
        say(f"Users without an account, who can't log in: {state.unadopted}")
    say(_cure(state))


def _cure(state: State) -> str:
    if state.version is not None and state.version > state.latest:
        return "A later release of Housekey has migrated them: install that one."
    if state.version == state.latest and state.differences:
        return "Somebody else than Housekey has changed them. Undo that, or make what is missing by db.create_all()."
    return "Run: flask housekey db upgrade"


@db.command("stamp")
@yes_option
def stamp(yes: bool) -> None:
    """Note that the tables are those of the newest revision, without changing them."""
    store = here.house.store
    differences = upgrading.check(store).differences
    for difference in differences:
        say(shown(difference))
    if differences:
        confirm("The tables differ from the newest revision. Note it all the same?", yes)
    upgrading.stamp(store)
    say(f"Noted revision {upgrading.current_version(store)}.")


@db.command("restored")
@yes_option
@json_option
def restored(yes: bool, in_json: bool) -> None:
    """Run this after a backup was put back: ends all sessions, logins under way and mailed links, for what was ended or
    used since the backup would be good again, and drops waiting mails, for most were sent since.
    Everybody must log in."""
    confirm("End all sessions, logins under way and links, and drop waiting mails? Everybody must log in again.", yes)
    with progress_bar("Ending sessions") as progress:
        ended = end_everything(here.house, progress)
    if in_json:
        as_json(ended)
        return
    nouns = {"attempts": "logins under way", "mails": "waiting mails", "closings": "closings (put off)"}
    told = [f"{number} {nouns.get(noun, noun.replace('_', ' '))}" for noun, number in ended.items()]
    say(f"Ended: {', '.join(told)}.")
    say("Passwords, locks and accounts are those of the backup: tell people whose changes are lost.")
