"""The verbs of links: make one for a mail, look at it, spend it once.

A link is bound to its purpose, its address and, where it has one, its user and the user's `security_version`: a change
of password, address or factor, and disabling, end it without touching it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from housekey import login
from housekey.capabilities.links import codes
from housekey.capabilities.links.settings import LinkSettings
from housekey.capabilities.throttling import windows
from housekey.errors import InvalidInput, InvalidLink, TooManyAttempts
from housekey.house import House, Unit
from housekey.kernel import clock, tokens
from housekey.kernel.names import email_key
from housekey.kernel.shown import Shown
from housekey.kernel.texts import text as _
from housekey.login import Client
from housekey.store import paging, users
from housekey.store.users import UserFacts

WRONG_CODE = _("This code isn't right, or is too old. Look at the newest mail, or ask for a new one.")


@dataclass(frozen=True)
class Issued:
    """What goes into the mail, and nowhere else. `code` is empty where no browser has asked."""

    id: str
    token: str = field(repr=False)
    code: str = field(repr=False)
    expires_at: datetime

    @property
    def facts(self) -> dict[str, Any]:
        """What the mail's template needs."""
        return {"token": self.token, "code": self.code, "expires_at": self.expires_at}


@dataclass(frozen=True)
class Link:
    """A link that works still. `asker` is the digest of what the browser that asked holds."""

    id: str
    purpose: str
    user_id: Any
    security_version: int | None
    recipient: bytes = field(repr=False)
    email: str | None
    details: Mapping[str, Any] = field(repr=False)
    asker: bytes | None = field(repr=False)
    created_at: datetime
    expires_at: datetime

    def was_asked_by(self, browser: str | None) -> bool:
        """Whether the browser that holds this token is the one that asked for the mail."""
        return self.asker is not None and browser is not None and tokens.digest(browser) == self.asker


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
    `decoy`: the same work for an address that gets no such mail (flaw 11); nothing opens it.
    `apart`: names what is counted for itself, such as a browser that the account knows: there, strangers who ask for
    the same mail keep nobody from it.
    """
    recipient = unit.house.keyed_digest(f"recipient|{email_key(email)}")
    version = user.security_version if user and not lasting else None
    about = _About(purpose, recipient, user.id if user else None, version, apart, tokens.digest(asker or ""))
    if paced and not lasting and not _may_be_sent(unit, about):
        return None
    settings, moment = unit.house.settings[LinkSettings], clock.now()
    token, code, own_id = tokens.new_token(), codes.new_code() if asker else "", tokens.new_public_id()
    expires_at = moment + lifetime
    row = {
        "id": own_id,
        "token": tokens.new_token().digest if decoy else token.digest,
        "purpose": purpose,
        "recipient": recipient,
        "user_id": user.id if user else None,
        "security_version": version,
        "email": None if decoy else email,
        "details": dict(details or {}),
        "asker": tokens.digest(asker) if asker else None,
        "code": _code_digest(unit.house, own_id, codes.new_code() if decoy else code) if asker else None,
        "code_expires_at": moment + min(settings.code_lifetime, lifetime),
        "tries": 0,
        "created_at": moment,
        "expires_at": expires_at,
    }
    unit.execute(sa.insert(unit.tables["links"]).values(**row))
    return Issued(own_id, token.secret, codes.shown(code) if code else "", expires_at)


@dataclass(frozen=True)
class _About:
    """What the pause and the number of links count by. The user too: a stranger who has the same address asked for
    keeps nobody's mail back."""

    purpose: str
    recipient: bytes
    user_id: Any
    security_version: int | None
    apart: str
    asker: bytes

    def pause_keys(self, house: House) -> list[bytes]:
        of_whom = f"{self.recipient.hex()}|{self.user_id}|{self.security_version}"
        return house.keyed_digests(f"link|{self.purpose}|{of_whom}|{self.apart}")


def _may_be_sent(unit: Unit, about: _About) -> bool:
    """Parallel asks wait for each other at the window's row. Links that a change of the account has ended don't count:
    whoever needs a new one gets it."""
    settings, table = unit.house.settings[LinkSettings], unit.tables["links"]
    try:
        windows.enter(unit, about.pause_keys(unit.house), 1, settings.pause)
    except TooManyAttempts:
        return False
    mine = (
        (table.c.recipient == about.recipient)
        & (table.c.purpose == about.purpose)
        & table.c.user_id.is_not_distinct_from(about.user_id)
        & table.c.security_version.is_not_distinct_from(about.security_version)
    )
    if about.apart:
        mine &= table.c.asker == about.asker
    live = unit.execute(sa.select(sa.func.count()).select_from(table).where(mine, *_live(table))).scalar_one()
    return int(live) < settings.at_most


def _live(table: sa.Table) -> tuple[Any, Any]:
    return table.c.spent_at.is_(None), table.c.expires_at > clock.now()


def _code_digest(house: House, link_id: str, code: str) -> bytes:
    return house.keyed_digest(f"code|{link_id}|{code}")


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
    """The newest link that this browser has asked for and that still works; without `email` to whatever address, a
    decoy or not."""
    table = house.store.tables["links"]
    mine = table.c.asker == tokens.digest(asker or "")
    if email is not None:
        mine &= table.c.email == email
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
    wanted = _links(table).where(table.c.purpose == purpose, *_live(table), *conditions)
    if behind is not None:
        wanted = wanted.where(paging.behind(order, behind))
    rows = source.execute(wanted.order_by(*paging.ordered(order)).limit(limit))
    return [Link(**row._mapping) for row in rows]


def note(unit: Unit, purpose: str, email: str, asker: str | None, details: Mapping[str, Any]) -> None:
    """Whoever asks again gets no further mail; but what was chosen this time holds for the one that is under way."""
    table, recipient = unit.tables["links"], unit.house.keyed_digest(f"recipient|{email_key(email)}")
    mine = (table.c.asker == tokens.digest(asker or "")) & (table.c.recipient == recipient)
    change = sa.update(table).where(mine, table.c.purpose == purpose, *_live(table)).values(details=dict(details))
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
    if unit.execute(sa.update(table).where(table.c.id == link.id, *_live(table)).values(values)).rowcount != 1:
        raise InvalidLink()
    return Issued(link.id, token.secret, "", moment + lifetime)


def _links(table: sa.Table) -> sa.Select[Any]:
    return sa.select(*(table.c[name] for name in Link.__dataclass_fields__))


def find_by_code(house: House, purpose: str, asker: str | None, code: str) -> Link | None:
    """The link whose code was typed into the browser that asked for it; None if it is wrong or too old.

    A try is counted before it is checked, in a transaction of its own, so that parallel guesses can't race past.
    """
    if not asker:
        return None
    counted = house.run(lambda unit: _count_try(unit, purpose, tokens.digest(asker)))
    typed = codes.normal(code)
    for link_id in counted:
        digest = _code_digest(house, link_id, typed)
        table = house.store.tables["links"]
        try:
            return _found(house, purpose, (table.c.id == link_id) & (table.c.code == digest))
        except InvalidLink:
            continue
    return None


def _count_try(unit: Unit, purpose: str, asker: bytes) -> list[str]:
    """The links that this browser has asked for, if tries are left; one more is counted for each."""
    table, most = unit.tables["links"], unit.house.settings[LinkSettings].code_tries
    mine = (table.c.asker == asker) & (table.c.purpose == purpose) & (table.c.code_expires_at > clock.now())
    found = list(unit.scalars(sa.select(table.c.id).where(mine, *_live(table))))
    counted = []
    for link_id in found:
        one_more = sa.update(table).where(table.c.id == link_id, table.c.tries < most).values(tries=table.c.tries + 1)
        if unit.execute(one_more).rowcount == 1:
            counted.append(link_id)
    return counted


def _found(house: House, purpose: str, condition: Any) -> Link:
    table = house.store.tables["links"]
    with house.read() as connection:
        row = connection.execute(_links(table).where(condition, table.c.purpose == purpose, *_live(table))).first()
    if row is None:
        raise InvalidLink()
    return Link(**row._mapping)


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
    use_up(unit, link)
    _forget_pause(unit, link, apart)
    return user


def use_up(unit: Unit, link: Link) -> None:
    """The same without a look at the user, for a link whose user isn't the one who reads the mail. Raises
    `InvalidLink`: spent meanwhile, or too old."""
    table = unit.tables["links"]
    used = sa.update(table).values(spent_at=clock.now())
    if unit.execute(used.where(table.c.id == link.id, *_live(table))).rowcount != 1:
        raise InvalidLink()
    siblings = (table.c.recipient == link.recipient) & (table.c.purpose == link.purpose)
    unit.execute(used.where(siblings, table.c.spent_at.is_(None)))


def is_as_it_was(link: Link, user: UserFacts | None, fits: Fits = bears_its_address) -> bool:
    """Whether the account is as it was when the mail was sent."""
    return user is not None and user.security_version == link.security_version and fits(link, user)


def _forget_pause(unit: Unit, link: Link, apart: str = "") -> None:
    about = _About(link.purpose, link.recipient, link.user_id, link.security_version, apart, link.asker or b"")
    windows.forget(unit, about.pause_keys(unit.house))


def still_live(unit: Unit, link: Link) -> bool:
    """Whether a link works still, asked again under the lock of its user."""
    table = unit.tables["links"]
    return unit.execute(sa.select(table.c.id).where(table.c.id == link.id, *_live(table))).first() is not None


def any_of_them(link: Link) -> bool:
    return True


def end(unit: Unit, purpose: str, *conditions: Any, user_id: Any, which: Callable[[Link], bool] = any_of_them) -> int:
    """End the links of a user for one purpose: a newer wish replaces them, or there is nothing left to do. Says how
    many there were; whoever asks for one of them again gets it at once."""
    table = unit.tables["links"]
    mine = table.c.user_id.is_not_distinct_from(user_id) & (table.c.purpose == purpose)
    found = unit.execute(_links(table).where(mine, *_live(table), *conditions))
    ending = [link for row in found if which(link := Link(**row._mapping))]
    for link in ending:
        _forget_pause(unit, link)
    live = sa.update(table).where(table.c.id.in_([link.id for link in ending]), table.c.spent_at.is_(None))
    return unit.execute(live.values(spent_at=clock.now())).rowcount
