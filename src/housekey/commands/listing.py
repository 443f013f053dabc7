"""`flask housekey users list` and `show`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import click
from flask.cli import with_appcontext
from msgspec.structs import replace

from housekey.capabilities.admin import finding
from housekey.capabilities.admin.finding import Listed
from housekey.capabilities.admin.inputs import Search, State
from housekey.capabilities.admin.states import STATES
from housekey.capabilities.emails import wishes
from housekey.capabilities.factors import actions as factors
from housekey.capabilities.passwords.stored import stored_hash
from housekey.capabilities.sessions import actions as sessions
from housekey.capabilities.throttling import actions as throttling
from housekey.commands.options import PLAIN, find_user, json_option, limit_option, tell_if_cut, user_argument
from housekey.commands.terminal import as_json, pairs, shown, table
from housekey.store.users import UserFacts
from housekey.web.here import here


@click.command("list")
@click.option("--query", type=PLAIN, default="", help="Only those whose name, username or address holds this.")
@click.option("--state", type=click.Choice(list(STATES)), help="Only those whose account is so.")
@click.option("--role", type=PLAIN, default="", help="Only those who have this role.")
@limit_option
@json_option
@with_appcontext
def list_users(query: str, state: State | None, role: str, limit: int, in_json: bool) -> None:
    """Everybody with an account, the latest first. Times are UTC."""
    found = list(islice(_all(Search(query=query, state=state or "", role=role)), limit))
    tell_if_cut(found, limit)
    _tell_if_there_is_none(role)
    if in_json:
        as_json([{**summary(user.facts), "roles": list(user.roles)} for user in found])
        return
    rows = [(u.facts.key, u.facts.email, u.facts.username, u.facts.name, u.roles, *_times(u.facts)) for u in found]
    headers = ("Key", "E-mail", "Username", "Name", "Roles", "Last login", "Disabled")
    table(
        headers,
        rows,
        empty="Nobody." if query or state or role else "Nobody yet. `flask housekey users create` makes an account.",
    )


def _tell_if_there_is_none(role: str) -> None:
    """Nobody has a role that a slip of the pen has made."""
    if role and here.house.unborne(here.house, [role], []):
        click.echo(f"There is no role {shown(role)}. `flask housekey roles list` shows all.", err=True)


def _all(wanted: Search) -> Iterator[Listed]:
    """Page by page, as far as somebody reads."""
    while True:
        page = finding.find(here.house, wanted)
        yield from page.rows
        if page.next is None:
            return
        wanted = replace(wanted, after=page.next)


def _times(user: UserFacts) -> tuple[datetime | None, datetime | None]:
    return user.last_login_at, user.disabled_at


@click.command("show")
@user_argument
@json_option
@with_appcontext
def show(user: str, by_id: bool, in_json: bool) -> None:
    """What is known about USER. Times are UTC."""
    about = _members(find_user(here.house, user, by_id))
    as_json(about) if in_json else pairs((name.replace("_", " "), value) for name, value in about.items())


def _members(user: UserFacts) -> dict[str, Any]:
    house = here.house
    roles, permissions = house.grants(house, user.id)
    locks, waiting = throttling.locks_of(house, user.id), wishes.pending(house, user)
    return {
        **summary(user),
        "pending_email": waiting.email if waiting else None,
        "language": user.language,
        "time_zone": user.time_zone,
        "has_password": stored_hash(house, user.id) is not None,
        "factors": [factor.name for factor in factors.own(house, user.id)],
        "locked": locks.locked > 0,
        "locked_until": locks.until,
        "closed_until_reset": locks.closed,
        "roles": sorted(roles),
        "permissions": sorted(permissions),
        "sessions": len(sessions.own_sessions(house, user.id)),
    }


def summary(user: UserFacts) -> dict[str, Any]:
    """What lists show as well."""
    return {
        "id": user.key,
        "name": user.name,
        "email": user.email,
        "email_verified_at": user.email_verified_at,
        "username": user.username,
        "disabled_at": user.disabled_at,
        "frozen_at": user.frozen_at,
        "closing_at": user.closing_at,
        "created_at": user.created_at,
        "last_login_at": user.last_login_at,
    }
