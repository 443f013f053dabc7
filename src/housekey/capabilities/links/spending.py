"""A link is used up, or ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.links import pauses
from housekey.capabilities.links.link import Link, all_recipients, live, reading
from housekey.errors import InvalidLink
from housekey.house import Unit
from housekey.kernel import clock
from housekey.kernel.names import email_key
from housekey.store import users
from housekey.store.users import UserFacts

BESIDE = "beside"
"""In `details`: the mail went to a further address of the user. Whoever removes that raises `security_version`."""


def bears_its_address(link: Link, user: UserFacts) -> bool:
    """A host may change the address behind the back of Housekey, and an old mailbox must not take the account over
    (flaw 28)."""
    if link.details.get(BESIDE):
        return True
    return bool(user.email and link.email) and email_key(str(user.email)) == email_key(str(link.email))


Fits = Callable[[Link, UserFacts], bool]


def spend(unit: Unit, link: Link, *, fits: Fits = bears_its_address, apart: str = "") -> UserFacts | None:
    """Use a link up, and its siblings with it; answers its user, locked, if it has one. Of two parallel spenders
    exactly one wins (flaw 25): judged by the row count of one statement.

    `fits`: what must hold of the account beside its `security_version`, for a link to an address that isn't its own.
    Raises `InvalidLink`: spent meanwhile, or the account has changed since it was sent.
    """
    user = users.lock(unit.session, unit.schema, link.user_id) if link.user_id is not None else None
    if link.user_id is not None and not is_as_it_was(link, user, fits):
        raise InvalidLink()  # a lasting link holds no version, and so is never spent: its flow asks `still_live`
    use_up(unit, link, own=True)
    pauses.forget(unit, link, apart)
    return user


def use_up(unit: Unit, link: Link, *, own: bool = False) -> None:
    """The same without a look at the user, for a link whose user isn't the one who reads the mail. `own`: links of
    other users to this address stay: who has asked for it in vain would learn that it is somebody's now (flaw 11).
    Raises `InvalidLink`: spent meanwhile, or too old."""
    table = unit.tables["links"]
    used = sa.update(table).values(spent_at=clock.now())
    if unit.execute(used.where(table.c.id == link.id, *live(table))).rowcount != 1:
        raise InvalidLink()
    siblings = table.c.recipient.in_(all_recipients(unit.house, link)) & (table.c.purpose == link.purpose)
    if own:
        siblings &= table.c.user_id.is_not_distinct_from(link.user_id)
    unit.execute(used.where(siblings, table.c.spent_at.is_(None)))


def is_as_it_was(link: Link, user: UserFacts | None, fits: Fits = bears_its_address) -> bool:
    """Whether the account is as it was when the mail was sent."""
    return user is not None and user.security_version == link.security_version and fits(link, user)


def still_live(unit: Unit, link: Link) -> bool:
    """Whether a link works still, asked again under the lock of its user."""
    table = unit.tables["links"]
    return unit.execute(sa.select(table.c.id).where(table.c.id == link.id, *live(table))).first() is not None


def any_of_them(link: Link) -> bool:
    return True


def end(unit: Unit, purpose: str, *conditions: Any, user_id: Any, which: Callable[[Link], bool] = any_of_them) -> int:
    """End the links of a user for one purpose: a newer wish replaces them, or there is nothing left to do. Says how
    many there were; whoever asks for one of them again gets it at once."""
    table = unit.tables["links"]
    mine = table.c.user_id.is_not_distinct_from(user_id) & (table.c.purpose == purpose)
    found = unit.execute(reading(table).where(mine, *live(table), *conditions))
    ending = [link for row in found if which(link := Link(**row._mapping))]
    for link in ending:
        pauses.forget(unit, link)
    unspent = sa.update(table).where(table.c.id.in_([link.id for link in ending]), table.c.spent_at.is_(None))
    return unit.execute(unspent.values(spent_at=clock.now())).rowcount
