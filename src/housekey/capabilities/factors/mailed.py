"""The code that is mailed before a first factor is set up inside a login: a stolen password binds no thief's phone."""

from __future__ import annotations

from housekey.capabilities.links import actions as links
from housekey.capabilities.links import proofs
from housekey.capabilities.links.settings import LinkSettings
from housekey.capabilities.mail import actions as mail
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.verification import reading
from housekey.house import House, Unit
from housekey.kernel.mail import Letter
from housekey.login import REGISTERED, Attempt, Outcome, methods
from housekey.store.users import UserFacts

PURPOSE = "factor_code"
METHOD = proofs.METHOD


def is_needed(house: House, attempt: Attempt) -> bool:
    """Not where nothing can be mailed: whoever has no address has nothing else to show. Nor of who has read a mail in
    this very login, or has just registered by one."""
    user = attempt.user
    if user is None or not user.email or house.service(MailCarrier).way == "none":
        return False
    has_just_confirmed = REGISTERED in attempt.done and user.email_verified_at is not None
    return not has_just_confirmed and METHOD not in methods(attempt.proofs)


def send(unit: Unit, attempt: Attempt) -> None:
    """Mail a code that works for this parked login alone: its token takes the place of the browser that asks. How many
    there are is bounded by the guard of the first proof, and how many are mailed by the budget of the address."""
    user = attempt.user
    if user is None or not user.email or not attempt.token:
        return
    lifetime = unit.house.settings[LinkSettings].code_lifetime
    issued = links.issue(
        unit, PURPOSE, email=user.email, lifetime=lifetime, user=user, asker=attempt.token, paced=False
    )
    if issued is not None:
        send_code(unit, user, issued)


def send_code(unit: Unit, user: UserFacts, issued: links.Issued) -> None:
    """The mail itself. The user has an address."""
    letter = Letter(
        template="housekey/factors/mails/code", to=str(user.email), user_id=user.id, purpose=PURPOSE,
        facts=issued.code_facts, useful_for=unit.house.settings[LinkSettings].code_lifetime,
    )  # fmt: skip
    mail.send(unit, letter)


def confirm(house: House, attempt: Attempt, code: str) -> Outcome:
    """Go on with a login that waits for its code. Raises as `reading.go_on` does."""
    return reading.go_on(house, attempt, links.find_by_code(house, PURPOSE, attempt.token, code))
