"""The last mail to somebody whose account is erased."""

from __future__ import annotations

import logging
from collections.abc import Callable

from housekey.capabilities.mail import actions as mail
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.notices.notice import addresses_of
from housekey.errors import ConfigurationError
from housekey.house import Unit
from housekey.kernel import clock
from housekey.kernel.mail import Letter
from housekey.store.users import UserFacts

log = logging.getLogger("housekey.leaving")


def farewell(unit: Unit, user: UserFacts) -> Callable[[], None]:
    """What writes the letters, to be called once the user is gone: letters of users go with them, so these name nobody.
    To whom is read before."""
    to = [] if unit.house.service(MailCarrier).way == "none" else addresses_of(unit, user)

    def write() -> None:
        for address in to:
            _send(unit, _letter(user, address))

    return write


def _send(unit: Unit, letter: Letter) -> None:
    try:
        mail.send(unit, letter)
    except ConfigurationError as error:  # no HOUSEKEY_BASE_URL at the command line: the account goes all the same
        log.error("the farewell was not written: %s", error)


def _letter(user: UserFacts, to: str) -> Letter:
    return Letter(
        template="housekey/leaving/mails/closed",
        to=to,
        purpose="closed",
        facts={"at": clock.now()},
        notice=True,
        language=user.language,
    )
