"""A password alone isn't enough while passwords are being tried on the whole site."""

from __future__ import annotations

from housekey.capabilities.passwords.actions import METHOD
from housekey.capabilities.stuffing import codes, wall
from housekey.errors import InvalidCredentials
from housekey.house import House
from housekey.login import REGISTERED, Attempt, Challenge, Purpose, methods
from housekey.login.proof import HOST

MAILED_CODE = Challenge("mailed_code", "housekey.mailed_code", raised=codes.send)


class MailedCode:
    """While masses of logins are refused (`HOUSEKEY_STUFFING_REFUSALS_PER_MINUTE`), a browser that the account doesn't
    know is asked for a mailed code beside the password; an account without an address lets in known browsers only."""

    name = "mailed_code"
    challenges = ("mailed_code",)

    def check(self, house: House, attempt: Attempt) -> Challenge | None:
        if not _shows_a_password_alone(attempt) or not wall.stands(house):
            return None
        if attempt.user is None or not attempt.user.email:
            raise InvalidCredentials()  # as a lock does: the right password is told from a wrong one by nothing
        return MAILED_CODE


def _shows_a_password_alone(attempt: Attempt) -> bool:
    """In a browser that the account doesn't know."""
    of_a_stranger = attempt.purpose is Purpose.LOGIN and attempt.device is None and REGISTERED not in attempt.done
    shown = set(methods(attempt.proofs))
    return of_a_stranger and METHOD in shown and shown <= {METHOD, HOST}  # a host's own login view vouches for no more
