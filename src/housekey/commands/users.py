"""`flask housekey users`."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup

from housekey.capabilities.invitations import actions as invitations
from housekey.capabilities.invitations.usable import told
from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.registration import actions as registration
from housekey.capabilities.registration.columns import unfilled
from housekey.commands import enrolment
from housekey.commands.importing import import_users
from housekey.commands.leaving import close, export, keep
from housekey.commands.listing import list_users, show
from housekey.commands.options import PLAIN, called, confirm, find_user, user_argument, yes_option
from housekey.commands.passwords import ask, stdin_option
from housekey.commands.shutting import disable, enable, reset_factors, unfreeze, unlock
from housekey.commands.terminal import say
from housekey.web.here import here

users = AppGroup("users", help="The people with an account.")


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


for _command in (list_users, show, disable, enable, unfreeze, reset_factors, unlock, export, close, keep, import_users):
    users.add_command(_command)
