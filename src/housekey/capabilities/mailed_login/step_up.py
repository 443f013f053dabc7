"""Proving again who one is, by a mailed code, for people without a password."""

from __future__ import annotations

from functools import partial
from typing import Any

from housekey import login
from housekey.capabilities.links import actions as links
from housekey.capabilities.links.settings import LinkSettings
from housekey.capabilities.mail import actions as mail
from housekey.capabilities.mailed_login import actions
from housekey.capabilities.mailed_login.events import LoginMailRequested
from housekey.capabilities.mailed_login.settings import MailedLoginSettings
from housekey.capabilities.passwords.stored import stored_hash
from housekey.capabilities.verification import reading
from housekey.errors import Forbidden
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.mail import Letter
from housekey.kernel.texts import text as _
from housekey.login import Client, Outcome, Purpose
from housekey.store import users

PURPOSE = "step_up"
BY_PASSWORD = _("You have a password: confirm by that.")


def is_offered(house: House, user_id: Any) -> bool:
    """To whoever has no password. Whoever has one isn't asked for less than it."""
    return house.settings[MailedLoginSettings].open and stored_hash(house, user_id) is None


def refuse_unless_offered(house: House, user_id: Any) -> None:
    """Raises `Forbidden`."""
    actions.refuse_if_closed(house)
    if not is_offered(house, user_id):
        raise Forbidden(BY_PASSWORD)


def ask(house: House, client: Client, *, user_id: Any, session_id: str, asker: str) -> None:
    """Mail a code that works in this session alone. Raises `Forbidden` and `TooManyAttempts`."""
    refuse_unless_offered(house, user_id)
    login.admit(house, client, actions.PURPOSE)
    house.run(partial(_mail, user_id=user_id, session_id=session_id, asker=asker))


def _mail(unit: Unit, user_id: Any, session_id: str, asker: str) -> None:
    user = users.by_id(unit.session, unit.schema, user_id)
    if user is None or not user.email or user.is_shut:
        return
    lifetime = unit.house.settings[LinkSettings].code_lifetime
    issued = links.issue(
        unit, PURPOSE, email=user.email, lifetime=lifetime, user=user, asker=asker,
        details={"session": session_id}, apart=session_id,
    )  # fmt: skip
    if issued is not None:
        letter = Letter(
            template="housekey/mailed_login/mails/confirm", to=user.email, user_id=user.id, purpose=PURPOSE,
            facts=issued.code_facts, useful_for=lifetime,
        )  # fmt: skip
        mail.send(unit, letter)
    unit.publish(LoginMailRequested(user_id=user.id, wish=PURPOSE, at=clock.now()))


def confirm(
    house: House, client: Client, *, user_id: Any, session_id: str, code: str, asker: str | None, target: str | None
) -> Outcome:
    """The session gets a new token and a new `auth_time`. Raises `Forbidden`, and as `reading.go_on` does."""
    refuse_unless_offered(house, user_id)
    attempt = login.begin(house, client, user_id=user_id, purpose=Purpose.STEP_UP, session_id=session_id, target=target)
    link = links.find_by_code(house, PURPOSE, asker, code)
    of_this_session = link is not None and link.details["session"] == session_id
    return reading.go_on(house, attempt, link if of_this_session else None)
