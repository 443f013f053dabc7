"""A link is made: for a mail, or once more under a new token."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.links import codes, pauses
from housekey.capabilities.links.link import Issued, Link, live, recipients
from housekey.capabilities.links.settings import LinkSettings
from housekey.errors import InvalidLink
from housekey.house import Unit
from housekey.kernel import clock, tokens
from housekey.store.users import UserFacts

MINUTE = timedelta(minutes=1)


def issue(
    unit: Unit,
    purpose: str,
    *,
    email: str,
    lifetime: timedelta,
    user: UserFacts | None = None,
    asker: str | None = None,
    details: Mapping[str, Any] | None = None,
    decoy: bool = False,
    lasting: bool = False,
    paced: bool = True,
    apart: str = "",
) -> Issued | None:
    """A new link for a mail to `email`, or None if one was sent a moment ago, or enough of them work still: nobody
    is flooded, and nobody can end the owner's link by asking for another (flaw 24).

    `lasting`: works whatever changes in the account meanwhile, and is never withheld; only for what shuts and opens
    nothing, for such a link survives a theft of its own mailbox. How many are sent is up to the caller.
    `paced` False: that alone, where whoever asks is known and bounded otherwise.
    `decoy`: the same work for an address that gets no such mail (flaw 11); nothing opens it. Without a `user` the
    address isn't kept; a user's own wish reads like any other, in the user's export too.
    `apart`: names what is counted for itself, such as a browser that the account knows: there, strangers who ask for
    the same mail keep nobody from it.
    """
    whom = recipients(unit.house, email)
    version = user.security_version if user and not lasting else None
    about = pauses.About(purpose, whom, user.id if user else None, version, apart, tokens.digest(asker or ""))
    if paced and not lasting and not pauses.may_be_sent(unit, about):
        return None
    moment, code_lifetime = clock.now(), min(unit.house.settings[LinkSettings].code_lifetime, lifetime)
    token, code, own_id = tokens.new_token(), codes.new_code() if asker else "", tokens.new_public_id()
    expires_at = moment + lifetime
    row = {
        "id": own_id,
        "token": tokens.new_token().digest if decoy else token.digest,
        "purpose": purpose,
        "recipient": whom[0],
        "user_id": user.id if user else None,
        "security_version": version,
        "email": None if decoy and user is None else email,
        "details": dict(details or {}),
        "asker": tokens.digest(asker) if asker else None,
        "code": codes.digests(unit.house, own_id, codes.new_code() if decoy else code)[0] if asker else None,
        "code_expires_at": moment + code_lifetime,
        "tries": 0,
        "created_at": moment,
        "expires_at": expires_at,
    }
    unit.execute(sa.insert(unit.tables["links"]).values(**row))
    return Issued(own_id, token.secret, codes.shown(code) if code else "", max(1, code_lifetime // MINUTE), expires_at)


def note(unit: Unit, purpose: str, email: str, asker: str | None, details: Mapping[str, Any]) -> None:
    """Whoever asks again gets no further mail; but what was chosen this time holds for the one that is under way."""
    table, whom = unit.tables["links"], recipients(unit.house, email)
    mine = (table.c.asker == tokens.digest(asker or "")) & table.c.recipient.in_(whom)
    change = sa.update(table).where(mine, table.c.purpose == purpose, *live(table)).values(details=dict(details))
    unit.execute(change)


def renew(unit: Unit, link: Link, *, lifetime: timedelta, user: UserFacts | None) -> Issued:
    """The same link under a new token, from now on and on the word of `user`; the former token opens nothing any more.

    Raises `InvalidLink`: spent meanwhile, or too old.
    """
    table, token, moment = unit.tables["links"], tokens.new_token(), clock.now()
    values = {
        "token": token.digest,
        "user_id": user.id if user else None,
        "security_version": user.security_version if user else None,
        "created_at": moment,
        "expires_at": moment + lifetime,
    }
    if unit.execute(sa.update(table).where(table.c.id == link.id, *live(table)).values(values)).rowcount != 1:
        raise InvalidLink()
    return Issued(link.id, token.secret, "", 0, moment + lifetime)
