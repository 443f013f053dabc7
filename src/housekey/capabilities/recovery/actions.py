"""The verbs of getting back in. Whoever asks learns nothing: a known and an unknown address take the same work, the
same time and the same answer (flaw 11)."""

from __future__ import annotations

from functools import partial
from typing import Any

from housekey import login
from housekey.capabilities.links import actions as links
from housekey.capabilities.links import recipients
from housekey.capabilities.links.actions import Link
from housekey.capabilities.mail import actions as mail
from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.recovery.events import RecoveryRequested
from housekey.capabilities.recovery.settings import RecoverySettings
from housekey.capabilities.registration.settings import RegistrationSettings
from housekey.capabilities.verification import actions as verification
from housekey.errors import Forbidden, InvalidLink
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.mail import Letter
from housekey.kernel.secret import Secret
from housekey.kernel.shown import Shown
from housekey.kernel.texts import text as _
from housekey.login import Client
from housekey.store import users
from housekey.store.users import UserFacts

RESET = "reset"
"""The purpose of the link."""
USERNAME = "username"
CLOSED = _("Passwords aren't reset by mail on this site. Ask those who run it.")


def ask_reset(house: House, client: Client, email: str, *, asker: str | None) -> None:
    """Mail a link, and a code for the browser that asked, to whoever bears this address.

    Raises `Forbidden`, `TooManyAttempts` (network limits) and `InvalidInput` for what is no address.
    """
    refuse_if_closed(house)
    email = recipients.typed(email)
    login.admit(house, client, "forgot")
    house.run(lambda unit: _mail_reset(unit, email, asker))


def ask_username(house: House, client: Client, email: str) -> None:
    """Mail the username to whoever bears this address. Raises as `ask_reset` does."""
    email = recipients.typed(email)
    login.admit(house, client, "forgot")
    house.run(lambda unit: _mail_username(unit, email))


def refuse_if_closed(house: House) -> None:
    """Raises `Forbidden` where passwords aren't reset by mail: in the handler, not only in the page (flaw 44)."""
    if not house.settings[RecoverySettings].open:
        raise Forbidden(CLOSED)


def _mail_reset(unit: Unit, email: str, asker: str | None) -> None:
    found, lifetime = recipients.bearer(unit, email), unit.house.settings[RecoverySettings].link_lifetime
    user, to = found.user, found.to
    issued = links.issue(
        unit, RESET, email=to, lifetime=lifetime, user=user, asker=asker, details=found.details, decoy=user is None
    )
    if issued is not None:
        mail.send(unit, _letter("reset", to, user, RESET, issued.facts, useful_for=lifetime))
    unit.publish(RecoveryRequested(user_id=user.id if user else None, wish="password", at=clock.now()))


def send_link(unit: Unit, user: UserFacts) -> bool:
    """Mail a link on an administrator's word; no browser asked, so there is no code. False: one was sent a moment ago,
    or the address has had its share."""
    lifetime, to = unit.house.settings[RecoverySettings].link_lifetime, str(user.email)
    issued = links.issue(unit, RESET, email=to, lifetime=lifetime, user=user)
    if issued is None:
        return False
    facts = {**issued.facts, "by_administrator": True}
    return mail.send(unit, _letter("reset", to, user, RESET, facts, useful_for=lifetime)) is not None


def _mail_username(unit: Unit, email: str) -> None:
    found = recipients.bearer(unit, email)
    user, to = found.user, found.to
    username = user.username if user else None
    withheld = user is not None and username is not None and not may_be_told(unit.house, user)
    facts = {"username": None if withheld else username, "withheld": withheld}
    mail.send(unit, _letter("username", to, user, USERNAME, facts))
    unit.publish(RecoveryRequested(user_id=user.id if user else None, wish="username", at=clock.now()))


def may_be_told(house: House, user: UserFacts) -> bool:
    """Whether the mail may hold the username: whoever has begun an account with another's address has typed it, and
    would choose what its owner reads (flaw 60). Where nobody is asked to confirm an address it may."""
    asks = house.settings[RegistrationSettings].verification != "off"
    return not asks or user.email_verified_at is not None


def _letter(name: str, to: str, user: UserFacts | None, purpose: str, facts: dict[str, Any], **about: Any) -> Letter:
    return Letter(
        template=f"housekey/recovery/mails/{name}",
        to=to,
        user_id=user.id if user else None,
        purpose=purpose,
        facts=facts,
        decoy=user is None,
        **about,
    )


def opened(house: House, token: str | None) -> Link:
    """The link that a browser has opened. Raises `InvalidLink`; nothing is spent."""
    return links.find(house, RESET, token)


def least(house: House, link: Link) -> int:
    """Characters of the shortest password that this link takes."""
    with house.read() as connection:
        return passwords.least_by_mail(house, users.by_id(connection, house.store.schema, link.user_id))


def reset(house: House, client: Client, shown: Shown, new: Secret) -> None:
    """Set a new password by a mailed link or code. Ends all sessions and links of the user; second factors stay, and
    nobody is logged in: whoever reads the mail goes the normal road (flaw 26).

    Raises `Forbidden`, `InvalidLink`, `InvalidInput` for `code` or `password`, and `Busy`; a link that was shown with
    an unfit password is not spent.
    """
    refuse_if_closed(house)
    passwords.refuse_unfit(house, new, None)
    link = links.shown(house, client, RESET, shown)
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, link.user_id)
    passwords.refuse_unfit(house, new, user, least=passwords.least_by_mail(house, user))
    new_hash = passwords.hashed(house, new, client.network)
    short = passwords.is_too_short_alone(house, new)
    house.run(partial(_reset, link=link, new_hash=new_hash, short=short))


def _reset(unit: Unit, link: Link, new_hash: str, short: bool) -> None:
    user = links.spend(unit, link)
    if user is None or user.is_shut:
        raise InvalidLink()
    # Whoever began an account without showing the address may not be its owner, and gets no say from before.
    by = "takeover" if user.email_verified_at is None else "reset"
    passwords.replace(unit, user.id, new_hash, by=by, short=short)
    verification.mark(unit, user.id, str(link.email))  # whoever opened the mail reads this mailbox
