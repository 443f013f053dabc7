"""`flask housekey sessions`."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup

from housekey.capabilities.sessions import actions
from housekey.commands.options import (
    PLAIN,
    called,
    confirm,
    find_user,
    id_option,
    json_option,
    limit_option,
    tell_if_cut,
    yes_option,
)
from housekey.commands.progress import progress_bar
from housekey.commands.terminal import as_json, say, table
from housekey.kernel import devices
from housekey.login.proof import amr, restored
from housekey.store.sessions import SessionFacts
from housekey.web.here import here

sessions = AppGroup("sessions", help="Who is logged in where, and ending it.")


@sessions.command("list")
@click.option("--user", type=PLAIN, help="Only the sessions of this e-mail address or username.")
@id_option
@limit_option
@json_option
def list_sessions(user: str | None, by_id: bool, limit: int, in_json: bool) -> None:
    """The sessions that are open, the latest first. Times are UTC."""
    found = _found(user, by_id, limit)
    tell_if_cut(found, limit)
    if in_json:
        as_json([_members(session) for session in found])
        return
    rows = [
        (s.id, s.user_id, s.user_name, devices.describe(s.user_agent).name, s.address, s.last_seen_at, s.ends_at())
        for s in found
    ]
    headers = ("Session", "User", "Name", "Browser", "Address", "Last seen", "Ends")
    table(headers, rows, empty="Nobody is logged in.")


def _found(user: str | None, by_id: bool, limit: int) -> list[SessionFacts]:
    return actions.everyones(here.house, limit, find_user(here.house, user, by_id).id if user else None)


def _members(session: SessionFacts) -> dict[str, Any]:
    return {
        "id": session.id,
        "user": str(session.user_id),
        "name": session.user_name,
        "device": devices.describe(session.user_agent).name,
        "address": session.address,
        "created_at": session.created_at,
        "last_seen_at": session.last_seen_at,
        "ends_at": session.ends_at(),
        "remember": session.remember,
        "amr": list(amr(restored(session.proofs, session.user_id))),
    }


# An id may begin with "-", and is no option then.
@sessions.command("revoke", context_settings={"ignore_unknown_options": True})
@click.argument("session", nargs=-1, type=PLAIN)
@click.option("--user", type=PLAIN, help="All sessions of this e-mail address or username.")
@id_option
@click.option("--all", "everybody", is_flag=True, help="All sessions of all users.")
@yes_option
def revoke(session: tuple[str, ...], user: str | None, by_id: bool, everybody: bool, yes: bool) -> None:
    """End SESSION by its id, all sessions of a --user, or --all. Whoever used them must log in again."""
    if (bool(session), bool(user), everybody).count(True) != 1:
        raise click.UsageError("Name sessions by their ids, or a --user, or --all.")
    if everybody:
        ended = _revoke_all(yes)
    elif user:
        found = find_user(here.house, user, by_id)
        ended = actions.revoke_user(here.house, found.id)
        say(f"{called(found)} is logged out everywhere.")
    else:
        for session_id in session:
            actions.revoke_one(here.house, session_id)
        ended = len(session)
    say(f"Sessions ended: {ended}")


def _revoke_all(yes: bool) -> int:
    confirm("End every session? Everybody must log in again.", yes)
    with progress_bar("Ending sessions") as progress:
        return actions.revoke_all(here.house, progress)
