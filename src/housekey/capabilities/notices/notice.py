"""What a notice is, and how one is told."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from housekey.capabilities.links import actions as links
from housekey.capabilities.mail import actions as mail
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.notices.settings import NoticeSettings
from housekey.capabilities.throttling import windows
from housekey.errors import ConfigurationError, TooManyAttempts
from housekey.events import Event
from housekey.house import House, Unit
from housekey.kernel import clock, devices, networks
from housekey.kernel.circumstances import Circumstances
from housekey.kernel.mail import BadAddress, Letter, mail_address
from housekey.kernel.names import email_key
from housekey.store import identifiers, users
from housekey.store.users import UserFacts

log = logging.getLogger("housekey.notices")
UNDO = "undo"
"""The purpose of the link “This wasn't me”."""
STAFF = ("administrator", "operator")
"""Those who run the site, as events name them in `by`."""
NOBODY = "nobody.invalid"
"""Where the decoys for names that nobody bears would go (RFC 2606 §2): a lock must not tell who has an account."""
E = TypeVar("E", bound=Event)


def every(event: Any) -> bool:
    return True


def always(house: House, event: Any, user: UserFacts) -> bool:
    return True


def nothing_more(event: Any) -> Mapping[str, Any]:
    return {}


def at_once(house: House) -> int:
    return 1


def nobody_else(event: Any) -> Sequence[str]:
    return ()


def all_alike(event: Any) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class Notice(Generic[E]):
    """What is mailed when something happens.

    event              its `user_id` names whose account it is
    name               a word for budgets and lists, and of the templates
    template           its `.txt` and `.html`, which extend `housekey/notices/mails/base`; default: of that folder
    facts              what the templates need beside what, when, from which device and address
    worth              whether it is worth a mail by what the event says; asked before anything is read
    wanted             whether it is, by what the user's account says
    also_to            further addresses, such as the one that an account has just lost
    newcomers          addresses that this change has brought in: told too, without the link; who has made it reads them
    undo               whether it bears the link “This wasn't me”; not where nothing has changed
    raised_version     whether the change has raised `security_version`: what proves the owner was valid before that
    once_in            no more than one in this time
    apart              a word for what that time counts for itself: what a stranger can cause hides nothing worse
    threshold          how often it must have happened in that time before it is told
    """

    event: type[E]
    name: str
    template: str = ""
    facts: Callable[[E], Mapping[str, Any]] = nothing_more
    worth: Callable[[E], bool] = every
    wanted: Callable[[House, E, UserFacts], bool] = always
    also_to: Callable[[E], Sequence[str]] = nobody_else
    newcomers: Callable[[E], Sequence[str]] = nobody_else
    undo: bool = True
    raised_version: bool = False
    once_in: timedelta | None = None
    apart: Callable[[E], str] = all_alike
    threshold: Callable[[House], int] = at_once

    @property
    def templates(self) -> str:
        return self.template or f"housekey/notices/mails/{self.name}"


@dataclass(frozen=True)
class _Told:
    """One event that is worth telling, to one user; to nobody, so that a name that nobody bears takes the same work."""

    notice: Notice[Any]
    user: UserFacts | None
    facts: Mapping[str, Any] = field(repr=False)
    newcomers: Sequence[str] = field(repr=False)

    def undone_from(self, address: str) -> bool:
        """Whether the mail to this address bears the link."""
        newcomers = {email_key(newcomer) for newcomer in self.newcomers}
        return self.notice.undo and self.user is not None and email_key(address) not in newcomers


def tell(house: House, notice: Notice[Any]) -> None:
    """From now on, mail this notice in the transaction of its event. Later capabilities call it at their start."""
    house.events.on(notice.event, partial(_heard, house, notice))


def _heard(house: House, notice: Notice[Any], event: Any, session: Any) -> None:
    if not notice.worth(event):
        return
    if house.service(MailCarrier).way == "none":
        return  # a site without mail: nothing would ever be sent, and rows would pile up
    unit = Unit(house, session)
    user = users.by_id(session, unit.schema, event.user_id)
    name = user.key if user else getattr(event, "identifier_hmac", None)
    if name is None or (user is not None and not notice.wanted(house, event, user)):
        return
    if not _is_due(unit, notice, f"{name}{notice.apart(event)}"):
        return
    newcomers = notice.newcomers(event)
    told = _Told(notice, user, {**_circumstances(house, event), **notice.facts(event)}, newcomers)
    addresses = addresses_of(unit, user, [*notice.also_to(event), *newcomers])
    for to in addresses if user else [f"{name[:32]}@{NOBODY}"]:
        _send(unit, told, to)


def _is_due(unit: Unit, notice: Notice[Any], name: str) -> bool:
    if notice.once_in is None:
        return True
    before = notice.threshold(unit.house) - 1
    often_enough = before < 1 or not _counts(unit, f"notice-count|{notice.name}|{name}", before, notice.once_in)
    return often_enough and _counts(unit, f"notice|{notice.name}|{name}", 1, notice.once_in)


def _counts(unit: Unit, what: str, limit: int, length: timedelta) -> bool:
    """Count it; False if the window is full."""
    try:
        windows.enter(unit, unit.house.keyed_digests(what), limit, length)
    except TooManyAttempts:
        return False
    return True


def _circumstances(house: House, event: Any) -> dict[str, Any]:
    """When, from where: nothing of it as a stranger has typed it (flaw 60). Device and address of those who run the
    site are nobody else's business, nor are those of a login that only carries out what they asked for."""
    by_staff = getattr(event, "by", "") in STAFF
    now = Circumstances() if by_staff else house.circumstances()
    return {
        "at": event.at,
        "by_staff": by_staff,
        "device": devices.describe(now.user_agent) if now.user_agent else None,
        "address": networks.shown(now.address),
        "country": house.locate(now.address),
    }


def addresses_of(unit: Unit, user: UserFacts | None, others: Sequence[str] = ()) -> list[str]:
    """Where to tell a user something: all verified addresses; where there is none, the one that the account has."""
    table = unit.tables["identifiers"]
    whose = table.c.user_id == (user.id if user else None)
    mine = whose & table.c.kind.in_(identifiers.EMAILS) & table.c.verified_at.is_not(None)
    keys = list(unit.scalars(sa.select(table.c.key).where(mine).order_by(table.c.key)))
    email = user.email if user else None
    own = [email] if email and (not keys or email_key(email) in keys) else []
    wanted = {email_key(address): address for address in (*keys, *own, *others)}
    return [address for address in wanted.values() if _can_be_mailed(address)]


def _can_be_mailed(address: str) -> bool:
    """A host may keep anything in its column; that must not stand in the way of a login."""
    try:
        mail_address(address)
    except BadAddress:
        return False
    return True


def _send(unit: Unit, told: _Told, to: str) -> None:
    lifetime = unit.house.settings[NoticeSettings].undo_lifetime
    token = _undo_token(unit, told.notice, told.user, to) if told.user and told.undone_from(to) else None
    letter = Letter(
        template=told.notice.templates,
        to=to,
        user_id=told.user.id if told.user else None,
        purpose=told.notice.name,
        facts={**told.facts, "token": token, "expires_at": clock.now() + lifetime},
        notice=True,
        decoy=told.user is None,
    )
    try:
        mail.send(unit, letter)
    except ConfigurationError as error:  # no HOUSEKEY_BASE_URL at the command line: the change itself goes on
        log.error("the notice %s was not written: %s", told.notice.name, error)


def _undo_token(unit: Unit, notice: Notice[Any], user: UserFacts, to: str) -> str | None:
    """`version`: under which `security_version` that was valid which proves the owner later, and is put back."""
    details = {"notice": notice.name, "version": user.security_version - int(notice.raised_version)}
    lifetime = unit.house.settings[NoticeSettings].undo_lifetime
    issued = links.issue(unit, UNDO, email=to, lifetime=lifetime, user=user, details=details, lasting=True)
    return issued.token if issued else None
