"""`flask housekey explain-login`."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import click
from flask.cli import with_appcontext

from housekey import login
from housekey.capabilities.emails import wishes
from housekey.capabilities.links import proofs
from housekey.capabilities.mailed_login.settings import MailedLoginSettings
from housekey.capabilities.passkeys import kept
from housekey.capabilities.passkeys import site as passkeys
from housekey.capabilities.passwords.actions import METHOD
from housekey.capabilities.passwords.stored import stored_hash
from housekey.capabilities.throttling import actions as throttling
from housekey.commands.options import find_user, json_option, user_argument
from housekey.commands.terminal import as_json, cell, say
from housekey.errors import NotFound, Refused
from housekey.house import House
from housekey.kernel import clock
from housekey.login import Client, Kind, Proof
from housekey.login.requirements import ACCOUNT_USABLE, Requirement, every
from housekey.store.users import UserFacts
from housekey.web.here import here

Answer = Literal["yes", "asks", "no"]
MARKS = {"yes": ("ok", "green"), "asks": ("asks", "yellow"), "no": ("NO", "red")}


@dataclass(frozen=True)
class Step:
    """One thing that must hold. "asks": the login goes on with a further question."""

    name: str
    answer: Answer
    text: str


@click.command("explain-login")
@user_argument
@json_option
@click.pass_context
@with_appcontext
def explain_login(context: click.Context, user: str, by_id: bool, in_json: bool) -> None:
    """Say why USER can or can't log in now in a new browser, with the right password or, where there is none, by
    passkey or by mail.

    Exit code 1 if not. Nothing is counted or changed.
    """
    steps = _steps(here.house, user, by_id)
    good = all(step.answer != "no" for step in steps)
    if in_json:
        as_json({"can_log_in": good, "steps": [asdict(step) for step in steps]})
    else:
        _tell(steps, good)
    context.exit(0 if good else 1)


def _tell(steps: list[Step], good: bool) -> None:
    for step in steps:
        word, colour = MARKS[step.answer]
        say(f"{step.text}", before=click.style(f"{word:<5}", fg=colour))
    ways = {BY_PASSKEY: "with the passkey", BY_MAIL: "by mail"}
    way = next((words for step, words in ways.items() if step in steps), "with the right password")
    say(f"So {way}: " + ("a login succeeds." if good else "a login is refused."))


def _steps(house: House, text: str, by_id: bool) -> list[Step]:
    try:
        user = find_user(house, text, by_id)
    except NotFound as error:
        return [Step("identifier", "no", f"{error} A login answers like one with a wrong password.")]
    named = f"It belongs to {user.name}, whose key is {user.key}."
    proof = _proof(house, user)
    found = [Step("identifier", "yes", named), *_pending_email(house, user), proof, *_locks(house, user)]
    if user.closing_at is not None:
        found.append(_closing(user))
    shown = _shown(house, user, proof)
    return [*found, *(_requirement(house, requirement, user, shown) for requirement in every(house))]


def _shown(house: House, user: UserFacts, proof: Step) -> Proof:
    if proof == BY_MAIL:
        return proofs.mail_was_read(user.id)
    if proof == BY_PASSKEY:
        verifies = any(one.verifies for one in _passkeys(house, user))
        return Proof(user.id, kept.METHOD, Kind.VERIFIED if verifies else Kind.POSSESSION, clock.now())
    return Proof(user.id, METHOD, Kind.KNOWLEDGE, clock.now())


def _passkeys(house: House, user: UserFacts) -> Sequence[kept.Passkey]:
    if not passkeys.is_offered(house):
        return ()
    with house.read() as connection:
        return kept.of(connection, house.store.schema, user.id)


def _pending_email(house: House, user: UserFacts) -> list[Step]:
    """People think that their new address counts already."""
    waiting = wishes.pending(house, user)
    if waiting is None:
        return []
    text = f"{waiting.email} waits to be confirmed by its mail, until {cell(waiting.expires_at)} UTC: no login by it."
    return [Step("pending_email", "yes", text)]


BY_PASSKEY = Step("password", "yes", "There is no password: a passkey does instead.")
BY_MAIL = Step("password", "yes", "There is no password: a mailed link or code does instead.")


def _proof(house: House, user: UserFacts) -> Step:
    """What the person can show."""
    by_mail = house.settings[MailedLoginSettings].open and bool(user.email)
    if stored_hash(house, user.id) is not None:
        also = " A mailed link or code does, too." if by_mail else ""
        return Step("password", "yes", f"There is a password.{also}")
    if _passkeys(house, user):
        return BY_PASSKEY
    if by_mail:
        return BY_MAIL
    return Step("password", "no", "There is no password: flask housekey users set-password.")


def _locks(house: House, user: UserFacts) -> list[Step]:
    """What stands against all browsers that the account doesn't know, or against one that it knows."""
    locks = throttling.locks_of(house, user.id)
    cure = "flask housekey users unlock opens it."
    if locks.closed:
        return [Step("locks", "no", f"Too many failures in a row: the password is closed in some browsers. {cure}")]
    if locks.locked:
        until = cell(locks.until)
        return [Step("locks", "no", f"Too many failures in a row: some browsers must wait until {until} UTC. {cure}")]
    return [Step("locks", "yes", "No lock stands against it.")]


def _closing(user: UserFacts) -> Step:
    """It keeps nobody out, unless erasing has failed and has shut the account."""
    when = f"The account is being closed, and erased at {cell(user.closing_at)} UTC: flask housekey users keep."
    if user.erasing_failed_at is None:
        return Step("closing", "yes", when)
    failed = f"Erasing it has failed since {cell(user.erasing_failed_at)} UTC, and shut it. "
    return Step("closing", "no", f"{failed}It is tried again at {cell(user.closing_at)} UTC.")


def _requirement(house: House, requirement: Requirement, user: UserFacts, shown: Proof) -> Step:
    """Asked as at a login whose password has just been right, or whose mail was read."""
    attempt = login.begin(house, Client(), user_id=user.id, rehearsal=True)
    meaning = " ".join((inspect.getdoc(requirement) or requirement.name).split())
    try:
        challenge = requirement.check(house, attempt.with_proof(shown))
    except Refused as refusal:
        return Step(requirement.name, "no", _why(user, requirement, refusal, meaning))
    if challenge is not None:
        return Step(requirement.name, "asks", f"It asks for a further step, {challenge.type}. {meaning}")
    return Step(requirement.name, "yes", meaning)


def _why(user: UserFacts, requirement: Requirement, refusal: Refused, meaning: str) -> str:
    if requirement.name == ACCOUNT_USABLE.name and user.disabled_at is not None:
        return f"The account is disabled since {cell(user.disabled_at)} UTC: flask housekey users enable."
    if requirement.name == ACCOUNT_USABLE.name and user.frozen_at is not None:
        return f"Its owner has frozen the account, {cell(user.frozen_at)} UTC: flask housekey users unfreeze."
    return f"This doesn't hold ({refusal.code}): {meaning}"
