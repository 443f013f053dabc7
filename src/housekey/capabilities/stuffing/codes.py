"""The code that is mailed for one login, and typed in it."""

from __future__ import annotations

from datetime import timedelta

from housekey.capabilities.links import actions as links
from housekey.capabilities.links.settings import LinkSettings
from housekey.capabilities.mail import actions as mail
from housekey.capabilities.verification import reading
from housekey.house import House, Unit
from housekey.kernel.mail import Letter
from housekey.login import Attempt, Outcome

PURPOSE = "mailed_code"


def send(unit: Unit, attempt: Attempt) -> None:
    """Mail a code that works for this parked login alone: its token takes the place of the browser that asks. Another
    login neither uses it nor is kept waiting by it. How many there are is bounded by the lock of the password, and how
    many are mailed by the budget of the address."""
    user = attempt.user
    if user is None or not user.email or not attempt.token:
        return
    lifetime: timedelta = unit.house.settings[LinkSettings].code_lifetime
    issued = links.issue(
        unit, PURPOSE, email=user.email, lifetime=lifetime, user=user, asker=attempt.token, paced=False
    )
    if issued is not None:
        letter = Letter(
            template="housekey/stuffing/mails/code", to=user.email, user_id=user.id, purpose=PURPOSE,
            facts=issued.code_facts, useful_for=lifetime,
        )  # fmt: skip
        mail.send(unit, letter)


def confirm(house: House, attempt: Attempt, code: str) -> Outcome:
    """Go on with a login that waits for its code. Raises as `reading.go_on` does."""
    return reading.go_on(house, attempt, links.find_by_code(house, PURPOSE, attempt.token, code))
