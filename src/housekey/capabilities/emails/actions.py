"""The verbs of a change of address.

The new address gets a link, which its reader follows while logged in to the account that asked: the mail alone changes
nothing, nor does the account alone. The address stands in the link's row and nowhere else, so that none can be put
under a link that is on its way (flaw 28); another wish ends the link. Whoever asks learns nothing about an address that
somebody has: it gets a mail of its own, and the wish waits for ever (flaw 11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, Literal

from sqlalchemy.exc import DBAPIError

from housekey import login
from housekey.capabilities.emails import former
from housekey.capabilities.emails.events import EmailAdded, EmailChanged, EmailChangeRequested, EmailChangeWithdrawn
from housekey.capabilities.emails.settings import EmailSettings
from housekey.capabilities.links import actions as links
from housekey.capabilities.links.actions import Issued, Link
from housekey.capabilities.mail import actions as mail
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.registration import claims
from housekey.errors import Conflict, Fault, Forbidden, InvalidInput, InvalidLink, NotFound, NotLoggedIn
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.mail import Letter
from housekey.kernel.names import email_key
from housekey.kernel.shown import Shown
from housekey.kernel.texts import text as _
from housekey.login import Client
from housekey.store import devices, sessions, users
from housekey.store.users import UserFacts

PURPOSE = "email_change"
"""Of the links, and of the mails."""
ENDED = "email_changed"
"""Why sessions have ended."""
Wish = Literal["change", "add"]
CHANGE: Wish = "change"
ADD: Wish = "add"
"""What is wished: that the address takes the place of the account's, or stands beside it."""
MOST = 10
"""Addresses of an account; each gets every notice."""
_WANTED, _BEFORE, _WISH = "wanted", "before", "wish"
ONE_ONLY = _("An account has one address on this site.")
UNCONFIRMED = _("Confirm your address first: only then may others stand beside it.")
ENOUGH = _("An account has at most {count} addresses. Remove one first.", count=MOST)
CLOSED = _("Addresses can't be changed here: this site sends no mail, or keeps none. Ask those who run it.")
UNCHANGED = Fault("unchanged", _("This is your address already. Type the new one."))
ANOTHER_ACCOUNT = _("Another account has asked for this. Log in to that one, or leave the mail alone if you have none.")
TAKEN_MEANWHILE = _("Another account has this address by now. Choose another address, or log in to that account.")


@dataclass(frozen=True)
class Pending:
    """An address that waits for its mail to be read."""

    email: str
    wish: Wish
    asked_at: datetime
    expires_at: datetime


def pending(house: House, user: UserFacts) -> Pending | None:
    """What a user waits for."""
    with house.read() as connection:
        link = links.waiting_for(connection, house, PURPOSE, user)
    return Pending(link.details[_WANTED], wish_of(link), link.created_at, link.expires_at) if link else None


def wish_of(link: Link) -> Wish:
    return ADD if link.details[_WISH] == ADD else CHANGE


def is_open(house: House) -> bool:
    """Whether an address can be confirmed here, and kept."""
    return house.service(MailCarrier).way != "none" and "email" in house.store.schema.mapper.columns


def refuse_if_closed(house: House, wish: Wish = CHANGE) -> None:
    """Raises `Forbidden`: in the handler, not only in the page (flaw 44)."""
    if not is_open(house):
        raise Forbidden(CLOSED)
    if wish == ADD and not house.settings[EmailSettings].several:
        raise Forbidden(ONE_ONLY)


def ask(house: House, client: Client, user_id: Any, email: str, *, asker: str, wish: Wish = CHANGE) -> None:
    """Mail a link, and a code for the browser that asked, to an address that a user wants. The account's own addresses
    are told, and so is whoever has that address already.

    Raises `Forbidden`, `InvalidInput` for what can't be anybody's address, and `TooManyAttempts`.
    """
    refuse_if_closed(house, wish)
    wanted = _judged(house, email)
    login.admit(house, client, "emails")
    house.run(lambda unit: _ask(unit, own(unit, user_id), wanted, asker, wish))


def _judged(house: House, email: str) -> str:
    """The address as it is kept: by the rules of registration."""
    wanted, faults = claims.checked_email(house, email)
    faults += claims.length_faults(house.store.schema, {"email": wanted}).get("email", [])
    if faults:
        raise InvalidInput({"email": faults})
    return wanted


def own(unit: Unit, user_id: Any, browser: Browser | None = None) -> UserFacts:
    """The user, locked. Raises `NotLoggedIn` for one who is gone or shut out, or whose session in this `browser` was
    ended meanwhile."""
    user = users.lock(unit.session, unit.schema, user_id)
    if user is None or user.is_shut:
        raise NotLoggedIn()
    if browser is not None and not sessions.still_opens(unit, unit.schema, browser.session_id, user):
        raise NotLoggedIn()
    return user


def _ask(unit: Unit, user: UserFacts, wanted: str, asker: str, wish: Wish) -> None:
    if wish == ADD:
        _refuse_further(unit, user)
    bearer = users.by_identifier(unit.session, unit.schema, wanted)
    if bearer is not None and bearer.id == user.id:
        raise InvalidInput({"email": [UNCHANGED]})
    waiting = links.waiting_for(unit, unit.house, PURPOSE, user)
    if waiting is not None and (wish_of(waiting), email_key(waiting.details[_WANTED])) != (wish, email_key(wanted)):
        links.end(unit, PURPOSE, user_id=user.id)  # the last one counts
    details = {_WANTED: wanted, _BEFORE: _key_of(user), _WISH: wish}
    issued = links.issue(
        unit, PURPOSE, email=wanted, lifetime=_lifetime(unit.house), user=user, asker=asker, details=details,
        decoy=bearer is not None,
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


def _lifetime(house: House) -> Any:
    return house.settings[EmailSettings].link_lifetime


def _key_of(user: UserFacts) -> str | None:
    return email_key(user.email) if user.email else None


def _asked(user: UserFacts, to: str, issued: Issued, house: House) -> Letter:
    """Holds nothing that was typed, nor the account's name: it may go to somebody who has never heard of this site."""
    template, facts = "housekey/emails/mails/confirm", issued.facts
    return Letter(
        template=template,
        to=to,
        purpose=PURPOSE,
        facts=facts,
        useful_for=_lifetime(house),
        language=user.language,
        asked_for=True,
    )


def _taken(bearer: UserFacts) -> Letter:
    template, to = "housekey/emails/mails/taken", str(bearer.email)
    return Letter(template=template, to=to, user_id=bearer.id, purpose=PURPOSE, decoy=bearer.is_shut)


def send_again(house: House, client: Client, user_id: Any, *, asker: str) -> None:
    """The mail that a user waits for, once more. Raises `NotFound` if there is none, and as `ask` does."""
    refuse_if_closed(house)
    login.admit(house, client, "emails")

    def verb(unit: Unit) -> None:
        user = own(unit, user_id)
        waiting = links.waiting_for(unit, unit.house, PURPOSE, user)
        if waiting is None:
            raise NotFound()
        _ask(unit, user, str(waiting.details[_WANTED]), asker, wish_of(waiting))

    house.run(verb)


def withdraw(house: House, user_id: Any) -> None:
    """The address that was asked for isn't wanted any more; nothing happens if none was."""

    def verb(unit: Unit) -> None:
        user = own(unit, user_id)
        if links.end(unit, PURPOSE, user_id=user.id):
            unit.publish(EmailChangeWithdrawn(user_id=user.id, at=clock.now()))

    house.run(verb)


@dataclass(frozen=True)
class Browser:
    """In which the owner changes addresses: it stays logged in, and known."""

    session_id: str
    device_token: str | None = field(repr=False)


def opened(house: House, token: str | None) -> Link:
    """The link that a browser has opened. Raises `InvalidLink`; nothing is spent."""
    return links.find(house, PURPOSE, token)


def shown(house: House, client: Client, shows: Shown) -> Link:
    """The link of a mail, by its token or its code. Raises as `links.shown` does."""
    return links.shown(house, client, PURPOSE, shows)


def confirm(house: House, link: Link, *, user_id: Any, browser: Browser) -> None:
    """The address is the account's from now on, or stands beside its own, for whoever is logged in to the account that
    asked; all other sessions end, and so do all links.

    Raises `Forbidden` for somebody else, `InvalidLink`, and `Conflict` if another account was quicker.
    """
    if link.user_id != user_id:
        raise Forbidden(ANOTHER_ACCOUNT)
    if wish_of(link) == ADD and not house.settings[EmailSettings].several:
        raise Forbidden(ONE_ONLY)  # switched off since it was asked for
    try:
        house.run(partial(_confirm, link=link, browser=browser))
    except DBAPIError as error:
        if not claims.is_refusal(error):
            raise
        raise Conflict(TAKEN_MEANWHILE) from None
    if wish_of(link) == CHANGE:
        house.store.show_to_host(user_id, {"email": link.email})


def _confirm(unit: Unit, link: Link, browser: Browser) -> None:
    own(unit, link.user_id, browser)
    user = links.spend(unit, link, fits=_began_here)
    if user is None or link.email is None:
        raise InvalidLink()
    if claims.email_faults(unit.session, unit.schema, link.email, user.id):
        raise Conflict(TAKEN_MEANWHILE)
    new, has = former.Address(link.email, clock.now()), former.borne(unit, unit.schema, user)
    if wish_of(link) == ADD:
        rewrite(unit, user, [*has, new], browser=browser)
        unit.publish(EmailAdded(user_id=user.id, email=link.email, at=clock.now()))
    else:
        rewrite(unit, user, [new, *has[1:]] if user.email else [new, *has], browser=browser)
        unit.publish(changed(user, link.email))


def rewrite(unit: Unit, user: UserFacts, addresses: Sequence[former.Address], *, browser: Browser) -> None:
    """Give an account these addresses, and keep what they were; all sessions but that of `browser` end, and all links.

    Only that browser stays known: who read the old mailbox may have let others in, and is told as new when coming back.
    """
    former.keep(unit, user)
    device = devices.known(unit.session, unit.schema, user.id, browser.device_token)
    login.end_all(unit, user.id, ENDED, keep=browser.session_id, forget_devices=True, keep_device=device)
    former.write(unit, user.id, addresses)


def changed(user: UserFacts, email: str) -> EmailChanged:
    """By the user, who had another one."""
    confirmed = user.email_verified_at is not None
    return EmailChanged(user_id=user.id, former=user.email, email=email, confirmed=confirmed, by="user", at=clock.now())


def _began_here(link: Link, user: UserFacts) -> bool:
    """The account still has the address that it had when this was asked: a host may have changed it since."""
    return bool(link.details[_BEFORE] == _key_of(user))
