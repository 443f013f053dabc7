"""Step-up by password."""

from __future__ import annotations

from typing import Any

from housekey import login
from housekey.capabilities.passwords import actions as passwords
from housekey.errors import InvalidCredentials
from housekey.house import House
from housekey.kernel.secret import Secret
from housekey.kernel.texts import text as _
from housekey.login import Client, Outcome, Purpose

WRONG = _("That password isn't right, or there were too many tries. Try again, or wait a while.")


def reauthenticate(
    house: House, client: Client, *, user_id: Any, session_id: str, password: Secret, target: str | None = None
) -> Outcome:
    """The same person proves again: the session gets a new token and a new `auth_time`.

    Raises `InvalidCredentials`, `TooManyAttempts` or `Busy`; tries count as at login.
    """
    try:
        with login.equal_time(house):
            attempt = login.begin(
                house, client, user_id=user_id, purpose=Purpose.STEP_UP, session_id=session_id, target=target
            )
            attempt = login.prove(house, attempt, passwords.METHOD, passwords.Checking(house, password))
            return login.advance(house, attempt)
    except InvalidCredentials:
        raise InvalidCredentials(WRONG) from None
