"""`flask housekey outbox`."""

from __future__ import annotations

from functools import partial
from typing import Any

import click
from flask.cli import AppGroup

from housekey.capabilities.outbox import actions
from housekey.capabilities.outbox.actions import FAILED, STATES, Item
from housekey.commands.options import PLAIN, json_option, limit_option, tell_if_cut
from housekey.commands.terminal import as_json, say, table
from housekey.house import House
from housekey.web.here import here

outbox = AppGroup("outbox", help="What waits to be sent, and what became of it.")
BATCH = 500
ids_argument = click.argument("item", nargs=-1, type=PLAIN)
all_option = click.option("--failed", "all_failed", is_flag=True, help="All that have failed.")
# An id may begin with "-", and is no option then.
IDS = {"ignore_unknown_options": True}


@outbox.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those in this state.")
@limit_option
@json_option
def list_outbox(state: str | None, limit: int, in_json: bool) -> None:
    """What is in the outbox, the latest first; never what it says. Times are UTC."""
    found = actions.listed(here.house, state, limit=limit)
    tell_if_cut(found, limit)
    if in_json:
        as_json([_members(item) for item in found])
        return
    rows = [(i.id, i.purpose, i.recipient, i.state, i.tries, i.created_at, _next(i), i.last_error) for i in found]
    headers = ("Id", "Purpose", "To", "State", "Tries", "Posted", "Next try", "Last error")
    table(headers, rows, empty="The outbox is empty.")


def _next(item: Item) -> Any:
    return None if item.ended_at else item.next_try_at


def _members(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "kind": item.kind,
        "purpose": item.purpose,
        "user": None if item.user_id is None else str(item.user_id),
        "recipient": item.recipient,
        "message_id": item.reference or None,
        "state": item.state,
        "tries": item.tries,
        "created_at": item.created_at,
        "next_try_at": _next(item),
        "ended_at": item.ended_at,
        "last_error": item.last_error,
    }


@outbox.command("retry", context_settings=IDS)
@ids_argument
@all_option
def retry(item: tuple[str, ...], all_failed: bool) -> None:
    """Try ITEMs again at once, by their ids, or all that have --failed. The server sends them, or `deliver`."""
    for item_id in _named(item, all_failed):
        here.house.run(partial(actions.retry, item_id=item_id))
        say(f"{item_id} will be tried again.")


@outbox.command("drop", context_settings=IDS)
@ids_argument
@all_option
def drop(item: tuple[str, ...], all_failed: bool) -> None:
    """Never send ITEMs, by their ids, or all that have --failed; what they say is erased."""
    for item_id in _named(item, all_failed):
        here.house.run(partial(actions.drop, item_id=item_id))
        say(f"{item_id} is dropped.")


def _named(item: tuple[str, ...], all_failed: bool) -> list[str]:
    if bool(item) == all_failed:
        raise click.UsageError("Name items by their ids, or say --failed.")
    return list(item) if item else _failed(here.house)


def _failed(house: House) -> list[str]:
    """All of them, page by page."""
    found: list[str] = []
    while page := actions.listed(house, FAILED, found[-1] if found else None, BATCH):
        found += [item.id for item in page]
    return found
