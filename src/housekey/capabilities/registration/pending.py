"""Registrations that wait for a mail: until its link or code is used there is no account, and no name is taken.

The same answer, after the same work, whoever has the address: where there is an account already, its owner is told
(flaw 11). What was typed is kept only for the browser that typed it; whoever opens the link elsewhere begins anew,
so that nobody's password or name comes with another's address (flaw 27).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from housekey import login
from housekey.capabilities.links import actions as links
from housekey.capabilities.links.actions import Issued, Link
from housekey.capabilities.mail import actions as mail
from housekey.capabilities.mail.carrier import NO_TRANSPORT, MailCarrier
from housekey.capabilities.registration.brought import Brought
from housekey.capabilities.registration.settings import RegistrationSettings, refuse_if_closed
from housekey.errors import InvalidInput, InvalidLink
from housekey.house import House, Unit
from housekey.kernel.mail import Letter
from housekey.kernel.shown import Shown
from housekey.kernel.texts import text as _
from housekey.login import Challenge, Client
from housekey.store import users
from housekey.store.users import UserFacts

log = logging.getLogger("housekey")
PURPOSE = "registration"
NOBODYS = "registration_of_nobody"
"""Of what is done for nobody: counted for itself, else a stranger who asks for the mail of an address again would use
up its pause and its links, and whoever registers with it would wait for a mail that never comes (flaw 24)."""
EMAIL_VERIFICATION = Challenge("email_verification", "housekey.confirm_registration")
ELSEWHERE = _("This isn't the browser that registered. Choose a password here to finish.")
_HASH, _TYPED, _BROUGHT = "hash", "typed", "brought"


@dataclass(frozen=True)
class AwaitsMail:
    """Nothing is made yet: a mail says how it goes on."""

    challenge: Challenge = EMAIL_VERIFICATION


def waits_in_vain(house: House) -> bool:
    """Whether people may register, but the mail that would complete it goes nowhere."""
    settings = house.settings[RegistrationSettings]
    return settings.open and settings.verification == "required" and house.service(MailCarrier).way == "none"


def warn_if_mails_go_nowhere(house: House) -> None:
    """The page can't tell: it says that a mail is on its way, as it does for an address that is taken."""
    if waits_in_vain(house):
        log.warning(
            "NOBODY CAN REGISTER: the mail that completes a registration goes nowhere, since %s. While you try things "
            "out, `flask run --debug` shows mails at /account/dev/mailbox.",
            NO_TRANSPORT,
        )


def wait_for_mail(
    house: House,
    email: str,
    new_hash: str | None,
    typed: Mapping[str, Any],
    asker: str,
    brought: Brought | None = None,
) -> AwaitsMail:
    """Keep what was typed beside a link that is mailed to the address, or tell the one who has it already."""
    details = {_HASH: new_hash, _TYPED: dict(typed)} | ({_BROUGHT: brought.as_json} if brought else {})
    house.run(lambda unit: _mail(unit, email, details, asker))
    return AwaitsMail()


def _mail(unit: Unit, email: str, details: Mapping[str, Any], asker: str | None) -> None:
    """Without `details` it does as much, for nobody. What was typed last in a browser holds for all that it has asked
    for, also where no further mail is sent: else whoever had sat there before would have chosen the password of an
    account whose mail is read there later (flaw 27)."""
    bearer = users.by_identifier(unit.session, unit.schema, email)
    to, lifetime = (bearer.email if bearer and bearer.email else email), _lifetime(unit.house)
    decoy = bearer is not None or not details
    issued = links.issue(
        unit, PURPOSE if details else NOBODYS, email=to, lifetime=lifetime, asker=asker,
        user=bearer if details else None, details={} if decoy else details, decoy=decoy,
    )  # fmt: skip
    links.note(unit, PURPOSE, to, None if decoy else asker, details)
    if issued is not None:
        letter = _told(to, bearer) if bearer else _asked(to, issued, lifetime)
        mail.send(unit, letter if details else replace(letter, purpose=NOBODYS, decoy=True))


def _lifetime(house: House) -> timedelta:
    return house.settings[RegistrationSettings].link_lifetime


def _asked(to: str, issued: Issued, lifetime: timedelta) -> Letter:
    """Holds nothing that was typed: it may go to somebody who has never heard of this site."""
    template = "housekey/registration/mails/confirm"
    return Letter(template=template, to=to, purpose=PURPOSE, facts=issued.facts, useful_for=lifetime)


def _told(to: str, bearer: UserFacts) -> Letter:
    template, gone = "housekey/registration/mails/taken", bearer.is_shut
    return Letter(template=template, to=to, user_id=bearer.id, purpose=PURPOSE, decoy=gone)


def send_again(house: House, client: Client, email: str, asker: str | None) -> None:
    """The mail once more, for the browser that has registered. Raises `RegistrationClosed` and
    `TooManyAttempts`; answers alike for all addresses."""
    refuse_if_closed(house)
    login.admit(house, client, "register")
    waiting = links.waiting(house, PURPOSE, email, asker)
    to, details = (waiting.email or email, waiting.details) if waiting else (email, {})  # as kept, not as typed now
    house.run(lambda unit: _mail(unit, to, details, asker))


def opened(house: House, token: str | None) -> Link:
    """The link that a browser has opened. Raises `InvalidLink`; nothing is spent."""
    return links.find(house, PURPOSE, token)


def shown(house: House, client: Client, shows: Shown) -> Link:
    """The link of a mail, by its token or its code. Raises as `links.shown` does."""
    return links.shown(house, client, PURPOSE, shows)


def typed_here(link: Link, asker: str | None) -> tuple[str | None, Mapping[str, Any]]:
    """The hash and the fields that this browser has typed. Raises `InvalidInput` for `password` in another one."""
    if not link.was_asked_by(asker):
        raise InvalidInput.of("password", "another_browser", ELSEWHERE)
    if _TYPED not in link.details:
        raise InvalidLink()
    return link.details[_HASH], link.details[_TYPED]


def brought(link: Link) -> Brought | None:
    """What this browser has brought instead of a password."""
    kept = link.details.get(_BROUGHT)
    return Brought.restored(kept) if kept else None


def spend(unit: Unit, link: Link) -> None:
    """Use the link up. Raises `InvalidLink`."""
    links.spend(unit, link)
    if link.email is None:
        raise InvalidLink()
