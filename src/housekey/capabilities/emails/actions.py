"""The verbs of a change of address.

The new address gets a link, which its reader follows while logged in to the account that asked: the mail alone changes
nothing, nor does the account alone. The address stands in the link's row and nowhere else, so that none can be put
under a link that is on its way (flaw 28); another wish ends the link. Whoever asks learns nothing about an address that
somebody has: it gets a mail of its own, and the wish waits for ever (flaw 11).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from housekey import login
from housekey.capabilities.emails import confirming, former, wishes
from housekey.capabilities.emails.events import EmailChangeRequested, EmailChangeWithdrawn
from housekey.capabilities.emails.wishes import Wish
from housekey.capabilities.links import actions as links
from housekey.capabilities.links.actions import Issued
from housekey.capabilities.mail import actions as mail
from housekey.capabilities.registration import claims
from housekey.errors import Fault, Forbidden, InvalidInput, NotFound
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.mail import Letter
from housekey.kernel.names import email_key
from housekey.kernel.texts import text as _
from housekey.login import Client
from housekey.store import users
from housekey.store.users import UserFacts

MOST = 10
"""Addresses of an account; each gets every notice."""
UNCONFIRMED = _("Confirm your address first: only then may others stand beside it.")
ENOUGH = _("An account has at most {count} addresses. Remove one first.", count=MOST)
UNCHANGED = Fault("unchanged", _("This is your address already. Type the new one."))


def ask(house: House, client: Client, user_id: Any, email: str, *, asker: str, wish: Wish = wishes.CHANGE) -> None:
    """Mail a link, and a code for the browser that asked, to an address that a user wants. The account's own addresses
    are told, and so is whoever has that address already.

    Raises `Forbidden`, `InvalidInput` for what can't be anybody's address, and `TooManyAttempts`.
    """
    wishes.refuse_if_closed(house, wish)
    wanted = _judged(house, email)
    login.admit(house, client, "emails")
    house.run(lambda unit: _ask(unit, confirming.own(unit, user_id), wanted, asker, wish))


def _judged(house: House, email: str) -> str:
    """The address as it is kept: by the rules of registration."""
    wanted, faults = claims.checked_email(house, email)
    faults += claims.length_faults(house.store.schema, {"email": wanted}).get("email", [])
    if faults:
        raise InvalidInput({"email": faults})
    return wanted


def _ask(unit: Unit, user: UserFacts, wanted: str, asker: str, wish: Wish) -> None:
    if wish == wishes.ADD:
        _refuse_further(unit, user)
    bearer = users.by_identifier(unit.session, unit.schema, wanted)
    if bearer is not None and bearer.id == user.id:
        raise InvalidInput({"email": [UNCHANGED]})
    waiting = links.waiting_for(unit, unit.house, wishes.PURPOSE, user)
    if waiting is not None and wishes.told_by(waiting) != (wish, email_key(wanted)):
        links.end(unit, wishes.PURPOSE, user_id=user.id)  # the last one counts
    details = {wishes.WANTED: wanted, wishes.BEFORE: wishes.key_of(user), wishes.WISH: wish}
    issued = links.issue(
        unit, wishes.PURPOSE, email=wanted, lifetime=wishes.lifetime(unit.house), user=user, asker=asker,
        details=details, decoy=bearer is not None,
    )  # fmt: skip
    if issued is None:
        return
    letter = _taken(bearer) if bearer else _asked(user, wanted, issued, unit.house)
    mail.send(unit, replace(letter, apart=_apart(user)))
    confirmed = user.email_verified_at is not None
    unit.publish(EmailChangeRequested(user_id=user.id, email=wanted, confirmed=confirmed, at=clock.now()))


def _apart(user: UserFacts) -> str:
    """Each who has confirmed an address has a share of mails of their own: others who ask for the same address keep
    nobody's back (flaw 24). All other accounts, which cost nothing to make, share one."""
    return f"|{user.key}" if user.email_verified_at is not None else ""


def _refuse_further(unit: Unit, user: UserFacts) -> None:
    if user.email_verified_at is None:
        raise Forbidden(UNCONFIRMED)
    if len(former.borne(unit, unit.schema, user)) >= MOST:
        raise Forbidden(ENOUGH)


def _asked(user: UserFacts, to: str, issued: Issued, house: House) -> Letter:
    """Holds nothing that was typed, nor the account's name: it may go to somebody who has never heard of this site."""
    template, facts = "housekey/emails/mails/confirm", issued.facts
    return Letter(
        template=template,
        to=to,
        purpose=wishes.PURPOSE,
        facts=facts,
        useful_for=wishes.lifetime(house),
        language=user.language,
        asked_for=True,
    )


def _taken(bearer: UserFacts) -> Letter:
    template, to = "housekey/emails/mails/taken", str(bearer.email)
    return Letter(template=template, to=to, user_id=bearer.id, purpose=wishes.PURPOSE, decoy=bearer.is_shut)


def send_again(house: House, client: Client, user_id: Any, *, asker: str) -> None:
    """The mail that a user waits for, once more. Raises `NotFound` if there is none, and as `ask` does."""
    wishes.refuse_if_closed(house)
    login.admit(house, client, "emails")

    def verb(unit: Unit) -> None:
        user = confirming.own(unit, user_id)
        waiting = links.waiting_for(unit, unit.house, wishes.PURPOSE, user)
        if waiting is None:
            raise NotFound()
        _ask(unit, user, str(waiting.details[wishes.WANTED]), asker, wishes.wish_of(waiting))

    house.run(verb)


def withdraw(house: House, user_id: Any) -> None:
    """The address that was asked for isn't wanted any more; nothing happens if none was."""

    def verb(unit: Unit) -> None:
        user = confirming.own(unit, user_id)
        if links.end(unit, wishes.PURPOSE, user_id=user.id):
            unit.publish(EmailChangeWithdrawn(user_id=user.id, at=clock.now()))

    house.run(verb)
