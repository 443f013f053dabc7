"""A link is looked at, by its token or by the code that was typed; looking spends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from housekey import login
from housekey.capabilities.links import codes
from housekey.capabilities.links.link import Link, live, reading, recipients
from housekey.capabilities.links.settings import LinkSettings
from housekey.errors import InvalidInput, InvalidLink
from housekey.house import House, Unit
from housekey.kernel import clock, tokens
from housekey.kernel.shown import Shown
from housekey.kernel.texts import text as _
from housekey.login import Client
from housekey.store import paging
from housekey.store.users import UserFacts

WRONG_CODE = _("This code isn't right, or is too old. Look at the newest mail, or ask for a new one.")


def find(house: House, purpose: str, token: str | None) -> Link:
    """The link that a token opens; looking spends nothing, so a mail scanner uses nothing up (flaw 23).

    Raises `InvalidLink`: unknown, for another purpose, spent or too old.
    """
    if not token or not tokens.looks_like_token(token):
        raise InvalidLink()
    return _found(house, purpose, house.store.tables["links"].c.token == tokens.digest(token))


def shown(house: House, client: Client, purpose: str, shows: Shown) -> Link:
    """The link of a mail, by its token or by the code that was typed. Nothing is spent.

    Raises `InvalidLink` for the token; `InvalidInput` for `code`, and `TooManyAttempts`.
    """
    if shows.token is not None:
        return find(house, purpose, shows.token)
    login.admit(house, client, "code")
    link = find_by_code(house, purpose, shows.asker, shows.code or "")
    if link is None:
        raise InvalidInput.of("code", "wrong_code", WRONG_CODE)
    return link


def waiting(house: House, purpose: str, email: str | None, asker: str | None) -> Link | None:
    """The newest link that this browser has asked for and that still works, a decoy or not; without `email` to whatever
    address."""
    table = house.store.tables["links"]
    mine = table.c.asker == tokens.digest(asker or "")
    if email is not None:
        mine &= table.c.recipient.in_(recipients(house, email))
    with house.read() as connection:
        return next(iter(of_purpose(connection, house, purpose, mine, limit=1)), None)


def waiting_for(source: Any, house: House, purpose: str, user: UserFacts) -> Link | None:
    """The newest link of a user that still works, a decoy or not: what the user waits for."""
    table = house.store.tables["links"]
    mine = (table.c.user_id == user.id) & (table.c.security_version == user.security_version)
    return next(iter(of_purpose(source, house, purpose, mine, limit=1)), None)


def of_purpose(
    source: Any, house: House, purpose: str, *conditions: Any, behind: Sequence[Any] | None = None, limit: int
) -> list[Link]:
    """The links for one purpose that work still, the latest first; `behind` names the place of the last one read, by
    `created_at` and `id`. `source` is a connection or a unit."""
    table = house.store.tables["links"]
    order = table.c.created_at, table.c.id
    wanted = reading(table).where(table.c.purpose == purpose, *live(table), *conditions)
    if behind is not None:
        wanted = wanted.where(paging.behind(order, behind))
    rows = source.execute(wanted.order_by(*paging.ordered(order)).limit(limit))
    return [Link(**row._mapping) for row in rows]


def find_by_code(house: House, purpose: str, asker: str | None, code: str) -> Link | None:
    """The link whose code was typed into the browser that asked for it; None if it is wrong or too old.

    A try is counted before it is checked, in a transaction of its own, so that parallel guesses can't race past.
    """
    if not asker:
        return None
    counted = house.run(lambda unit: _count_try(unit, purpose, tokens.digest(asker)))
    typed = codes.normal(code)
    for link_id in counted:
        digests = codes.digests(house, link_id, typed)
        table = house.store.tables["links"]
        try:
            return _found(house, purpose, (table.c.id == link_id) & table.c.code.in_(digests))
        except InvalidLink:
            continue
    return None


def _count_try(unit: Unit, purpose: str, asker: bytes) -> list[str]:
    """The links that this browser has asked for, if tries are left; one more is counted for each."""
    table, most = unit.tables["links"], unit.house.settings[LinkSettings].code_tries
    mine = (table.c.asker == asker) & (table.c.purpose == purpose) & (table.c.code_expires_at > clock.now())
    found = list(unit.scalars(sa.select(table.c.id).where(mine, *live(table))))
    counted = []
    for link_id in found:
        one_more = sa.update(table).where(table.c.id == link_id, table.c.tries < most).values(tries=table.c.tries + 1)
        if unit.execute(one_more).rowcount == 1:
            counted.append(link_id)
    return counted


def _found(house: House, purpose: str, condition: Any) -> Link:
    table = house.store.tables["links"]
    with house.read() as connection:
        row = connection.execute(reading(table).where(condition, table.c.purpose == purpose, *live(table))).first()
    if row is None:
        raise InvalidLink()
    return Link(**row._mapping)
