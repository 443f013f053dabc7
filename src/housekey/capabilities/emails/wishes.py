"""What somebody wishes of an address: that it takes the place of the account's own, or stands beside it. It stands in
the row of the link that waits for its mail to be read, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from housekey.capabilities.emails.settings import EmailSettings
from housekey.capabilities.links import actions as links
from housekey.capabilities.links.actions import Link
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.errors import Forbidden
from housekey.house import House
from housekey.kernel.names import email_key
from housekey.kernel.texts import text as _
from housekey.store.users import UserFacts

PURPOSE = "email_change"
"""Of the links, and of the mails."""
Wish = Literal["change", "add"]
CHANGE: Wish = "change"
ADD: Wish = "add"
WANTED, BEFORE, WISH = "wanted", "before", "wish"
"""What the link's row says: the address, the account's own at that time, and which wish it is."""
ONE_ONLY = _("An account has one address on this site.")
CLOSED = _("Addresses can't be changed here: this site sends no mail, or keeps none. Ask those who run it.")


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
    return Pending(link.details[WANTED], wish_of(link), link.created_at, link.expires_at) if link else None


def wish_of(link: Link) -> Wish:
    return ADD if link.details[WISH] == ADD else CHANGE


def told_by(link: Link) -> tuple[Wish, str]:
    """The wish, and the key of its address."""
    return wish_of(link), email_key(link.details[WANTED])


def is_open(house: House) -> bool:
    """Whether an address can be confirmed here, and kept."""
    return house.service(MailCarrier).way != "none" and "email" in house.store.schema.mapper.columns


def refuse_if_closed(house: House, wish: Wish = CHANGE) -> None:
    """Raises `Forbidden`: in the handler, not only in the page (flaw 44)."""
    if not is_open(house):
        raise Forbidden(CLOSED)
    if wish == ADD and not house.settings[EmailSettings].several:
        raise Forbidden(ONE_ONLY)


def lifetime(house: House) -> timedelta:
    return house.settings[EmailSettings].link_lifetime


def key_of(user: UserFacts) -> str | None:
    return email_key(user.email) if user.email else None


def began_here(link: Link, user: UserFacts) -> bool:
    """The account still has the address that it had when this was asked: a host may have changed it since."""
    return bool(link.details[BEFORE] == key_of(user))
