"""An address that was asked for becomes the account's, in the browser of somebody who is logged in to it; and what any
change of the addresses ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy.exc import DBAPIError

from housekey import login
from housekey.capabilities.emails import former, wishes
from housekey.capabilities.emails.events import EmailAdded, EmailChanged
from housekey.capabilities.emails.settings import EmailSettings
from housekey.capabilities.links import actions as links
from housekey.capabilities.links.actions import Link
from housekey.capabilities.registration import claims
from housekey.errors import Conflict, Forbidden, InvalidLink, NotLoggedIn
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.shown import Shown
from housekey.kernel.texts import text as _
from housekey.login import Client
from housekey.store import devices, sessions, users
from housekey.store.users import UserFacts

ENDED = "email_changed"
"""Why sessions have ended."""
ANOTHER_ACCOUNT = _("Another account has asked for this. Log in to that one, or leave the mail alone if you have none.")
TAKEN_MEANWHILE = _("Another account has this address by now. Choose another address, or log in to that account.")


@dataclass(frozen=True)
class Browser:
    """In which the owner changes addresses: it stays logged in, and known."""

    session_id: str
    device_token: str | None = field(repr=False)


def own(unit: Unit, user_id: Any, browser: Browser | None = None) -> UserFacts:
    """The user, locked. Raises `NotLoggedIn` for one who is gone or shut out, or whose session in this `browser` was
    ended meanwhile."""
    user = users.lock(unit.session, unit.schema, user_id)
    if user is None or user.is_shut:
        raise NotLoggedIn()
    if browser is not None and not sessions.still_opens(unit, unit.schema, browser.session_id, user):
        raise NotLoggedIn()
    return user


def opened(house: House, token: str | None) -> Link:
    """The link that a browser has opened. Raises `InvalidLink`; nothing is spent."""
    return links.find(house, wishes.PURPOSE, token)


def shown(house: House, client: Client, shows: Shown) -> Link:
    """The link of a mail, by its token or its code. Raises as `links.shown` does."""
    return links.shown(house, client, wishes.PURPOSE, shows)


def confirm(house: House, link: Link, *, user_id: Any, browser: Browser) -> None:
    """The address is the account's from now on, or stands beside its own, for whoever is logged in to the account that
    asked; all other sessions end, and so do all links.

    Raises `Forbidden` for somebody else, `InvalidLink`, and `Conflict` if another account was quicker.
    """
    if link.user_id != user_id:
        raise Forbidden(ANOTHER_ACCOUNT)
    if wishes.wish_of(link) == wishes.ADD and not house.settings[EmailSettings].several:
        raise Forbidden(wishes.ONE_ONLY)  # switched off since it was asked for
    try:
        house.run(partial(_confirm, link=link, browser=browser))
    except DBAPIError as error:
        if not claims.is_refusal(error):
            raise
        raise Conflict(TAKEN_MEANWHILE) from None
    if wishes.wish_of(link) == wishes.CHANGE:
        house.store.show_to_host(user_id, {"email": link.email})


def _confirm(unit: Unit, link: Link, browser: Browser) -> None:
    own(unit, link.user_id, browser)
    user = links.spend(unit, link, fits=wishes.began_here)
    if user is None or link.email is None:
        raise InvalidLink()
    if claims.email_faults(unit.session, unit.schema, link.email, user.id):
        raise Conflict(TAKEN_MEANWHILE)
    new, has = former.Address(link.email, clock.now()), former.borne(unit, unit.schema, user)
    if wishes.wish_of(link) == wishes.ADD:
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
