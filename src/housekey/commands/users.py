"""`flask housekey users`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import click
from flask.cli import AppGroup
from msgspec.structs import replace

from housekey.capabilities.admin import actions as admin
from housekey.capabilities.admin import finding
from housekey.capabilities.admin.finding import Listed
from housekey.capabilities.admin.inputs import Search, State
from housekey.capabilities.admin.states import STATES
from housekey.capabilities.emails import actions as emails
from housekey.capabilities.factors import actions as factors
from housekey.capabilities.factors import resets
from housekey.capabilities.invitations import actions as invitations
from housekey.capabilities.invitations.usable import told
from housekey.capabilities.notices import freezing
from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.passwords.stored import stored_hash
from housekey.capabilities.registration import actions as registration
from housekey.capabilities.registration.columns import unfilled
from housekey.capabilities.sessions import actions as sessions
from housekey.capabilities.throttling import actions as throttling
from housekey.commands import enrolment
from housekey.commands.importing import import_users
from housekey.commands.leaving import close, export, keep
from housekey.commands.options import (
    PLAIN,
    called,
    confirm,
    find_user,
    json_option,
    limit_option,
    tell_if_cut,
    user_argument,
    yes_option,
)
from housekey.commands.passwords import ask, stdin_option
from housekey.commands.terminal import as_json, cell, pairs, say, shown, table
from housekey.store.users import UserFacts
from housekey.web.here import here

users = AppGroup("users", help="The people with an account.")
users.add_command(import_users)


@users.command("create")
@click.argument("email", type=PLAIN)
@click.option("--username", type=PLAIN, help="What the user may type instead of the address.")
@click.option("--name", type=PLAIN, help="What to call the user.")
@click.option("--role", "roles", type=PLAIN, multiple=True, help="A role to give; `admin` is made if need be.")
@click.option("--field", "fields", type=PLAIN, multiple=True, metavar="NAME=VALUE", help="A field that this app adds.")
@click.option("--no-password", is_flag=True, help="No password: the user can't log in by one yet.")
@stdin_option
def create(email: str, roles: tuple[str, ...], no_password: bool, from_stdin: bool, **about: Any) -> None:
    """Make an account for EMAIL, also where registration is closed. Asks for the password."""
    if no_password and from_stdin:
        raise click.UsageError("--no-password and --password-stdin don't go together.")
    wanted = enrolment.wanted(email, **about)
    if not no_password:
        wanted = enrolment.with_password(wanted, from_stdin)
    user_id = registration.enrol(here.house, wanted, roles)
    say(f"{wanted.email} has an account; its key is {user_id}.")


@users.command("invite")
@click.argument("email", type=PLAIN)
@click.option(
    "--role", "roles", type=PLAIN, multiple=True, help="A role that comes with it; `admin` is made if need be."
)
def invite(email: str, roles: tuple[str, ...]) -> None:
    """Mail EMAIL a link to make an account, also where registration is closed. The link is never printed: whoever uses
    it has read the mail, and so confirmed the address. `create` makes an account without mail."""
    if found := unfilled(here.house):
        raise click.ClickException(told(found))
    invitations.invite(here.house, None, email, roles)
    say(f"The invitation to {email} waits in the outbox; the app sends it, or `flask housekey deliver`.")


@users.command("list")
@click.option("--query", type=PLAIN, default="", help="Only those whose name, username or address holds this.")
@click.option("--state", type=click.Choice(list(STATES)), help="Only those whose account is so.")
@click.option("--role", type=PLAIN, default="", help="Only those who have this role.")
@limit_option
@json_option
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


@users.command("show")
@user_argument
@json_option
def show(user: str, by_id: bool, in_json: bool) -> None:
    """What is known about USER. Times are UTC."""
    about = _members(find_user(here.house, user, by_id))
    as_json(about) if in_json else pairs((name.replace("_", " "), value) for name, value in about.items())


def _members(user: UserFacts) -> dict[str, Any]:
    house = here.house
    roles, permissions = house.grants(house, user.id)
    locks, waiting = throttling.locks_of(house, user.id), emails.pending(house, user)
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


@users.command("disable")
@user_argument
def disable(user: str, by_id: bool) -> None:
    """Shut USER out: every session ends at once, and nobody can log in to the account."""
    found = find_user(here.house, user, by_id)
    _set_disabled(found, True)
    say(f"{called(found)} is disabled, and logged out everywhere.")


@users.command("enable")
@user_argument
def enable(user: str, by_id: bool) -> None:
    """Let USER log in again."""
    found = find_user(here.house, user, by_id)
    _set_disabled(found, False)
    say(f"{called(found)} can log in.")


def _set_disabled(user: UserFacts, disabled: bool) -> None:
    if disabled != (user.disabled_at is not None):
        here.house.run(lambda unit: admin.set_disabled(unit, user.id, disabled))


@users.command("unfreeze")
@user_argument
def unfreeze(user: str, by_id: bool) -> None:
    """Lift the freeze of USER, who has said “This wasn't me”, and let USER log in again. Somebody else may know the
    password: set a new one first (`users set-password`)."""
    found = find_user(here.house, user, by_id)
    if found.frozen_at is None:
        say(f"{called(found)} isn't frozen.")
        return
    here.house.run(lambda unit: freezing.unfreeze(unit, found.id, by="operator"))
    say(f"{called(found)} can log in again.")


@users.command("reset-factors")
@user_argument
@click.option("--now", "at_once", is_flag=True, help="Don't wait for HOUSEKEY_FACTORS_RESET_AFTER.")
@click.option("--stop", is_flag=True, help="Stop a reset that waits.")
@yes_option
def reset_factors(user: str, by_id: bool, at_once: bool, stop: bool, yes: bool) -> None:
    """Take all second factors of USER, who has lost them, and log USER out everywhere. The password alone is enough
    then: be sure who asks."""
    found = find_user(here.house, user, by_id)
    if stop:
        here.house.run(lambda unit: resets.stop(unit, found.id, by="operator"))
        say(f"{called(found)} keeps all second factors.")
        return
    confirm(f"Let {called(found)} log in without a second step?", yes)
    due_at = here.house.run(lambda unit: resets.begin(unit, found.id, by="operator", at_once=at_once))
    if due_at is None:
        say(f"{called(found)} can log in without a second step.")
    else:
        say(f"{called(found)} is told by mail, and can log in without a second step from {cell(due_at)} UTC on.")


@users.command("unlock")
@user_argument
def unlock(user: str, by_id: bool) -> None:
    """Forget the failed logins of USER, so that every lock opens."""
    found = find_user(here.house, user, by_id)
    throttling.unlock(here.house, found.id)
    say(f"{called(found)} may try again.")


users.add_command(export)
users.add_command(close)
users.add_command(keep)


@users.command("delete")
@user_argument
@yes_option
def delete(user: str, by_id: bool, yes: bool) -> None:
    """Remove USER for good, with all that Housekey keeps about the account. `disable` can be undone."""
    found = find_user(here.house, user, by_id)
    confirm(f"Delete {called(found)} for good?", yes)
    registration.delete(here.house, found.id)
    say(f"{called(found)} is deleted.")


@users.command("set-password")
@user_argument
@stdin_option
def set_password(user: str, by_id: bool, from_stdin: bool) -> None:
    """Give USER a new password, and log the user out everywhere. Asks for it."""
    found = find_user(here.house, user, by_id)
    words = passwords.words_of(found)
    new = ask(from_stdin, lambda password: passwords.judge(here.house, password, words))
    passwords.assign(here.house, found, new, by="operator")
    say(f"{called(found)} has a new password, and is logged out everywhere.")
