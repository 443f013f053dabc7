"""The verbs of second factors, whatever kind they are of: prove one, add one.

Capabilities that bring a factor call `add` and `removing.remove` with what they write; what hangs on it is the same for
all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from housekey import login
from housekey.capabilities.factors import enrolling, removed, trusting
from housekey.capabilities.factors.enrolling import ENROL_FACTOR, Passed
from housekey.capabilities.factors.events import FactorAdded, FactorsReset
from housekey.capabilities.factors.inputs import SECOND_FACTOR
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.passwords.stored import is_short
from housekey.capabilities.registration.settings import RegistrationSettings
from housekey.errors import InvalidCredentials, InvalidInput, NotLoggedIn, UnconfirmedAddress
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Challenge, Client, Enrolled, Factor, Given, Purpose
from housekey.login.factors import enrolled
from housekey.store import devices, sessions, users
from housekey.store.users import UserFacts

WRONG = _("That code isn't right, has been used, or there were too many tries. Try the next one, or wait a while.")


@dataclass(frozen=True)
class Owner:
    """Who changes the factors of their own account, in which session and browser."""

    user_id: Any
    session_id: str | None
    client: Client


def own(house: House, user_id: Any) -> Sequence[Enrolled]:
    """What a person can prove oneself by a second time, the strongest first."""
    with house.read() as connection:
        return enrolled(house, connection, user_id)


def asked(house: House, attempt: Attempt) -> list[Factor]:
    """The factors that would do for a login under way, the first to be asked first; none if it waits for another
    thing. Raises `InvalidCredentials` if nothing leads to a session any more."""
    return _asked(house, login.pending(house, attempt))


def _asked(house: House, challenge: Challenge | None) -> list[Factor]:
    if challenge is None or challenge.type != SECOND_FACTOR:
        return []
    methods = challenge.details["methods"]
    return [factor for factor in (*house.factors, *house.first_factors) if factor.method in methods]


def answer(house: House, attempt: Attempt, method: str, given: Given, name: str = "", *, trust: bool = False) -> Passed:
    """Go on with a login that waits for a second factor, or that one is set up (`name`: what to call it). `trust`: this
    browser isn't asked for a while, where the site allows that; nothing that only helps out does for it.

    Raises `InvalidInput` for a `method` that isn't asked for or what is missing, `InvalidCredentials`,
    `TooManyAttempts` or `Busy`. Tries are counted by the method, and only a session that opens clears them (flaw 57).
    """
    waits_for = login.pending(house, attempt)
    if waits_for is not None and waits_for.type == ENROL_FACTOR:
        return enrolling.answer(house, attempt, waits_for, method, given, name)
    factor = next((factor for factor in _asked(house, waits_for) if factor.method == method), None)
    if factor is None:
        raise InvalidInput.of("method", "not_a_choice", enrolling.NOT_ASKED)
    enrolling.refuse_without(factor, given)
    try:
        with login.equal_time(house):
            proved = login.prove(house, attempt, factor.method, factor.checking(house, given))
            if trust and may_trust(house, attempt, factor):
                proved = proved.with_done(trusting.WANTED)
            return Passed(login.advance(house, proved))
    except InvalidCredentials:
        raise InvalidCredentials(factor.wrong or WRONG) from None


def may_trust(house: House, attempt: Attempt, factor: Factor) -> bool:
    """Whether the box is offered: at a login, by a second factor of the person's own."""
    second = factor in house.factors and not factor.backup
    return second and attempt.purpose is Purpose.LOGIN and trusting.days(house) is not None


def add(unit: Unit, owner: Owner, one: Enrolled, enrol: Callable[[], None]) -> bool:
    """Note a new factor, which `enrol` writes; whether it is the first. That ends the other sessions: they were opened
    without it. Raises `NotLoggedIn` and `UnconfirmedAddress`."""
    lock_to_add(unit, owner)
    return _added(unit, owner, one, enrol)


def add_on_the_way_in(unit: Unit, attempt: Attempt, one: Enrolled, enrol: Callable[[], None]) -> bool:
    """The same for a login that waits for it. Raises `InvalidCredentials` if the account has changed meanwhile: another
    login may have set one up."""
    assert attempt.user is not None  # proved
    user = users.lock(unit.session, unit.schema, attempt.user.id)
    if user is None or user.is_shut or user.security_version != attempt.user.security_version:
        raise InvalidCredentials()
    if not may_add(unit.house, user):
        raise UnconfirmedAddress()
    return _added(unit, Owner(user.id, None, attempt.client), one, enrol)


def _added(unit: Unit, owner: Owner, one: Enrolled, enrol: Callable[[], None]) -> bool:
    first = not enrolled(unit.house, unit.session, owner.user_id)
    enrol()
    if first:
        end_others(unit, owner, "factor_added")
    else:
        carry_sessions(unit, owner.user_id)
    note(unit, owner.user_id, one.id)
    unit.publish(FactorAdded(user_id=owner.user_id, method=one.method, name=one.name, first=first, at=one.created_at))
    return first


def carry_sessions(unit: Unit, user_id: Any) -> None:
    """A change of factors that ends no session; it ends the links, and the logins under way, that were begun before."""
    version = users.raise_security_version(unit.session, unit.schema, user_id)
    sessions = unit.tables["sessions"]
    live = (
        (sessions.c.user_id == user_id) & sessions.c.ended_at.is_(None) & (sessions.c.security_version == version - 1)
    )
    unit.execute(sa.update(sessions).where(live).values(security_version=version))


def note(unit: Unit, user_id: Any, factor_id: str) -> None:
    """Keep since which `security_version` a person has a factor; called once that is raised."""
    table, accounts = unit.tables["factor_additions"], unit.tables["accounts"]
    forget_additions(unit, user_id, factor_id)
    version = unit.execute(sa.select(accounts.c.security_version).where(accounts.c.user_id == user_id)).scalar_one()
    unit.execute(sa.insert(table).values(user_id=user_id, factor_id=factor_id, version=version))


def forget_additions(unit: Unit, user_id: Any, *ids: str) -> None:
    """Since when a person has these factors, or all."""
    table = unit.tables["factor_additions"]
    which = table.c.factor_id.in_(ids) if ids else sa.true()
    unit.execute(sa.delete(table).where(table.c.user_id == user_id, which))


def forget(unit: Unit, user_id: Any) -> int:
    """Take all that a person has; says how many rows there were."""
    forget_additions(unit, user_id)
    resets = unit.tables["factor_resets"]
    unit.execute(sa.delete(resets).where(resets.c.user_id == user_id))  # or it would take what is added later
    return sum(factor.forget(unit, user_id) for factor in unit.house.factors)


def forget_rest(unit: Unit, user_id: Any) -> bool:
    """Whether the last one has gone; with it goes what only helped out for it, such as recovery codes."""
    last = not enrolled(unit.house, unit.session, user_id)
    if last:
        forget(unit, user_id)
    return last


def reset(unit: Unit, user_id: Any, *, by: str, actor: Any = None, since: datetime | None = None) -> int:
    """Take all that a person has, for one who has lost it all; asks nobody's leave, and says how many there were. All
    that was opened with it ends. The person logs in with the first proof alone. `since`: what was added after that
    stays, and is asked for. Nothing comes back by “This wasn't me”: the phone is lost.

    A password that was long enough only beside a factor goes with it: whoever has learnt it would be in. Its owner
    chooses a longer one by mail. It stays where nothing can be mailed: nobody would get back in at all.
    """
    user = users.lock(unit.session, unit.schema, user_id)
    removed.forget(unit, user_id)
    gone = forget(unit, user_id) if since is None else _forget_older(unit, user_id, since)
    mailed = user is not None and user.email and unit.house.service(MailCarrier).way != "none"
    alone = not enrolled(unit.house, unit.session, user_id)
    if gone and alone and mailed and is_short(unit, unit.schema, user_id):
        passwords.remove(unit, user_id, by="operator")
    if gone:
        login.end_all(unit, user_id, "factors_reset", forget_devices=True)
        unit.publish(FactorsReset(user_id=user_id, by=by, actor=actor, at=clock.now()))
    return gone


def _forget_older(unit: Unit, user_id: Any, since: datetime) -> int:
    """Take what a person had at that moment; with the last of it the backups, whenever they were made."""
    mine = enrolled(unit.house, unit.session, user_id)
    later = {one.id for one in mine if one.created_at > since}
    if not any(one.id in later and one.left is None for one in mine):
        return forget(unit, user_id)
    gone = 0
    for factor in unit.house.factors:
        for one in factor.enrolled(unit.session, unit.schema, user_id):
            if one.id not in later and factor.take is not None and factor.take(unit, user_id, one.id):
                forget_additions(unit, user_id, one.id)
                gone += 1
    return gone


def may_add(house: House, user: UserFacts) -> bool:
    """Whether the account's address is confirmed, where that can be. Who has begun an account with another's address
    would else keep its owner out for good: the owner gets the password by mail, and never this.

    Where `HOUSEKEY_REGISTRATION_VERIFICATION` is “off”, nobody is asked to confirm anything, and most of those who
    could protect their account never would. There it stays possible, and those who run the site can reset it.
    """
    settings = house.settings[RegistrationSettings]
    asks = settings.verification != "off" and house.service(MailCarrier).way != "none"
    return not asks or not user.email or user.email_verified_at is not None


def lock_to_add(unit: Unit, owner: Owner) -> None:
    """Raises `NotLoggedIn` and `UnconfirmedAddress`."""
    if not may_add(unit.house, lock(unit, owner)):
        raise UnconfirmedAddress()


def lock(unit: Unit, owner: Owner) -> UserFacts:
    """Raises `NotLoggedIn` for a session that was ended meanwhile."""
    user = users.lock(unit.session, unit.schema, owner.user_id)
    if user is None or not sessions.still_opens(unit, unit.schema, owner.session_id, user):
        raise NotLoggedIn()
    return user


def end_others(unit: Unit, owner: Owner, why: str) -> None:
    """All that was granted, but for the session and the browser of the owner."""
    device = devices.known(unit.session, unit.schema, owner.user_id, owner.client.device_token)
    login.end_all(unit, owner.user_id, why, keep=owner.session_id, forget_devices=True, keep_device=device)
