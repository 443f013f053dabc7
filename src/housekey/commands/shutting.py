"""`flask housekey users disable`, `enable`, `unfreeze`, `reset-factors` and `unlock`: who may come in."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from housekey.capabilities.admin import actions as admin
from housekey.capabilities.factors import resets
from housekey.capabilities.notices import freezing
from housekey.capabilities.throttling import actions as throttling
from housekey.commands.options import called, confirm, find_user, user_argument, yes_option
from housekey.commands.terminal import cell, say
from housekey.store.users import UserFacts
from housekey.web.here import here


@click.command("disable")
@user_argument
@with_appcontext
def disable(user: str, by_id: bool) -> None:
    """Shut USER out: every session ends at once, and nobody can log in to the account."""
    found = find_user(here.house, user, by_id)
    _set_disabled(found, True)
    say(f"{called(found)} is disabled, and logged out everywhere.")


@click.command("enable")
@user_argument
@with_appcontext
def enable(user: str, by_id: bool) -> None:
    """Let USER log in again."""
    found = find_user(here.house, user, by_id)
    _set_disabled(found, False)
    say(f"{called(found)} can log in.")


def _set_disabled(user: UserFacts, disabled: bool) -> None:
    if disabled != (user.disabled_at is not None):
        here.house.run(lambda unit: admin.set_disabled(unit, user.id, disabled))


@click.command("unfreeze")
@user_argument
@with_appcontext
def unfreeze(user: str, by_id: bool) -> None:
    """Lift the freeze of USER, who has said “This wasn't me”, and let USER log in again. Somebody else may know the
    password: set a new one first (`users set-password`). The address may be somebody else's, too: `audit list --event
    EmailChanged --json` tells what it was before."""
    found = find_user(here.house, user, by_id)
    if found.frozen_at is None:
        say(f"{called(found)} isn't frozen.")
        return
    here.house.run(lambda unit: freezing.unfreeze(unit, found.id, by="operator"))
    say(f"{called(found)} can log in again.")


@click.command("reset-factors")
@user_argument
@click.option("--now", "at_once", is_flag=True, help="Don't wait for HOUSEKEY_FACTORS_RESET_AFTER.")
@click.option("--stop", is_flag=True, help="Stop a reset that waits.")
@yes_option
@with_appcontext
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


@click.command("unlock")
@user_argument
@with_appcontext
def unlock(user: str, by_id: bool) -> None:
    """Forget the failed logins of USER, so that every lock opens."""
    found = find_user(here.house, user, by_id)
    throttling.unlock(here.house, found.id)
    say(f"{called(found)} may try again.")
