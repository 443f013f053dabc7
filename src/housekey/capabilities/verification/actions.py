"""The verbs of confirming an address.

Whoever reads the mail owns the address, and perhaps not the account: somebody else may have begun it with this address
and a password of theirs. So a link confirms at once only for whoever is logged in to that very account; anyone else
takes the account over, with a new password, and all that was there before ends (flaw 27).
"""

from __future__ import annotations

from functools import partial
from typing import Any

from housekey import login
from housekey.capabilities.links import actions as links
from housekey.capabilities.links import proofs
from housekey.capabilities.links.actions import Link
from housekey.capabilities.mail import actions as mail
from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.verification.events import EmailConfirmed
from housekey.capabilities.verification.settings import VerificationSettings
from housekey.errors import InvalidInput, InvalidLink
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.mail import Letter
from housekey.kernel.secret import Secret
from housekey.kernel.shown import Shown
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Client, Outcome
from housekey.store import users
from housekey.store.users import UserFacts

PURPOSE = "verification"
NEW_PASSWORD = _(
    "This account was begun in another browser. Choose a password to make it yours, or log in first if you began it."
)


def send(unit: Unit, user: UserFacts, asker: str | None) -> None:
    """Mail a link to the user's address, unless it is confirmed, was mailed to a moment ago, or the
    account is shut."""
    if not user.email or user.email_verified_at is not None or user.is_shut:
        return
    lifetime = unit.house.settings[VerificationSettings].link_lifetime
    issued = links.issue(unit, PURPOSE, email=user.email, lifetime=lifetime, user=user, asker=asker)
    if issued is not None:
        mail.send(
            unit,
            Letter(
                template="housekey/verification/mails/confirm", to=user.email, user_id=user.id, purpose=PURPOSE,
                facts=issued.facts, useful_for=lifetime,
            ),
        )  # fmt: skip


def send_to(unit: Unit, user_id: Any, *, asker: str) -> None:
    """The same by the user's key, for the browser that asks."""
    user = users.by_id(unit.session, unit.schema, user_id)
    if user is not None:
        send(unit, user, asker)


def ask(house: House, client: Client, user_id: Any, *, asker: str) -> None:
    """The same, for whoever is logged in or on the way in. Raises `TooManyAttempts`."""
    login.admit(house, client, "verification")
    house.run(partial(send_to, user_id=user_id, asker=asker))


def opened(house: House, token: str | None) -> Link:
    """The link that a browser has opened. Raises `InvalidLink`; nothing is spent."""
    return links.find(house, PURPOSE, token)


def shown(house: House, client: Client, shows: Shown) -> Link:
    """The link of a mail, by its token or its code. Raises as `links.shown` does."""
    return links.shown(house, client, PURPOSE, shows)


def confirm(house: House, link: Link) -> None:
    """For whoever is logged in to the account of the link. Raises `InvalidLink`."""
    house.run(lambda unit: _confirm(unit, link))


def _confirm(unit: Unit, link: Link) -> None:
    user = links.spend(unit, link)
    if user is None or user.is_shut:
        raise InvalidLink()
    mark(unit, user.id, str(link.email))


def take_over(house: House, client: Client, link: Link, new: Secret | None) -> None:
    """For anyone else who reads the mail: the account gets a new password, and all that was granted before ends.

    Raises `InvalidInput` for `password` and `InvalidLink`; a link that was shown with an unfit password is not spent.
    """
    if new is None:
        raise InvalidInput.of("password", "missing", NEW_PASSWORD)
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, link.user_id)
    passwords.refuse_unfit(house, new, user, least=passwords.least_by_mail(house, user))
    new_hash = passwords.hashed(house, new, client.network)
    short = passwords.is_too_short_alone(house, new)
    house.run(lambda unit: _take_over(unit, link, new_hash, short))


def _take_over(unit: Unit, link: Link, new_hash: str, short: bool) -> None:
    user = links.spend(unit, link)
    if user is None or user.is_shut:
        raise InvalidLink()
    passwords.replace(unit, user.id, new_hash, by="takeover", short=short)
    mark(unit, user.id, str(link.email), took_over=True)


def confirm_on_the_way_in(house: House, attempt: Attempt, link: Link) -> Outcome:
    """For a login that waits for it: whoever knows the password and reads the mail goes on. Raises `InvalidLink`."""
    if attempt.user is None or link.user_id != attempt.user.id:
        raise InvalidLink()
    confirm(house, link)
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, attempt.user.id)
    proved = attempt.with_proof(proofs.mail_was_read(attempt.user.id))
    return login.advance(house, proved.with_user(user))


def mark(unit: Unit, user_id: Any, email: str, *, took_over: bool = False) -> None:
    """Note that whoever has shown this address reads its mail. Links that wait for it end: what takes an account over
    that a stranger may have begun would else reset one that is confirmed, its passkeys and former passwords too."""
    if users.mark_verified(unit.session, unit.schema, user_id, email):
        links.end(unit, PURPOSE, user_id=user_id)
        unit.publish(EmailConfirmed(user_id=user_id, took_over=took_over, at=clock.now()))
