"""The verbs of second factors, whatever kind they are of: prove one, add one, remove one.

Capabilities that bring a factor call `add` and `remove` with what they write; what hangs on it is the same for all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from housekey import login
from housekey.capabilities.factors.events import FactorAdded, FactorRemoved, FactorsReset
from housekey.capabilities.factors.requirement import SECOND_FACTOR
from housekey.errors import InvalidCredentials, InvalidInput, NotLoggedIn
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.secret import Secret
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Client, Enrolled, Factor, Outcome
from housekey.login.factors import enrolled
from housekey.store import devices, users

WRONG = _("That code isn't right, has been used, or there were too many tries. Try the next one, or wait a while.")
NOT_ASKED = _("This login doesn't ask for that.")


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
    challenge = login.pending(house, attempt)
    if challenge is None or challenge.type != SECOND_FACTOR:
        return []
    methods = challenge.details["methods"]
    return [factor for factor in house.factors if factor.method in methods]


def answer(house: House, attempt: Attempt, method: str, code: Secret) -> Outcome:
    """Go on with a login that waits for a second factor.

    Raises `InvalidInput` for a `method` that isn't asked for, `InvalidCredentials`, `TooManyAttempts` or `Busy`. Tries
    are counted by the method, and only a session that opens clears them (flaw 57).
    """
    factor = next((factor for factor in asked(house, attempt) if factor.method == method), None)
    if factor is None:
        raise InvalidInput.of("method", "not_a_choice", NOT_ASKED)
    try:
        with login.equal_time(house):
            proved = login.prove(house, attempt, factor.method, factor.checking(house, code))
            return login.advance(house, proved)
    except InvalidCredentials:
        raise InvalidCredentials(WRONG) from None


def add(unit: Unit, owner: Owner, one: Enrolled, enrol: Callable[[], None]) -> bool:
    """Note a new factor, which `enrol` writes; whether it is the first. That ends the other sessions: they were opened
    without it."""
    lock(unit, owner)
    first = not enrolled(unit.house, unit.session, owner.user_id)
    enrol()
    if first:
        _end_others(unit, owner, "factor_added")
    unit.publish(FactorAdded(user_id=owner.user_id, method=one.method, name=one.name, first=first, at=one.created_at))
    return first


def remove(unit: Unit, owner: Owner, one: Enrolled, take: Callable[[], None]) -> None:
    """Note that a factor is gone, which `take` deletes. It may have been stolen, so what was opened with it ends; with
    the last of them its backups go."""
    lock(unit, owner)
    take()
    last = not enrolled(unit.house, unit.session, owner.user_id)
    if last:
        forget(unit, owner.user_id)
    _end_others(unit, owner, "factor_removed")
    unit.publish(FactorRemoved(user_id=owner.user_id, method=one.method, name=one.name, last=last, at=clock.now()))


def forget(unit: Unit, user_id: Any) -> int:
    """Take all that a person has; says how many rows there were."""
    return sum(factor.forget(unit, user_id) for factor in unit.house.factors)


def reset(unit: Unit, user_id: Any, *, by: str, actor: Any = None) -> int:
    """Take all that a person has, for one who has lost it all; asks nobody's leave, and says how many there were. All
    that was opened with it ends. The person logs in with the first proof alone."""
    users.lock(unit.session, unit.schema, user_id)
    gone = forget(unit, user_id)
    if gone:
        login.end_all(unit, user_id, "factors_reset", forget_devices=True)
        unit.publish(FactorsReset(user_id=user_id, by=by, actor=actor, at=clock.now()))
    return gone


def lock(unit: Unit, owner: Owner) -> None:
    """The page was opened to this session before the lock: it may have been ended since, by the owner of the account.
    Raises `NotLoggedIn`."""
    user = users.lock(unit.session, unit.schema, owner.user_id)
    sessions = unit.tables["sessions"]
    mine = (sessions.c.id == owner.session_id) & (sessions.c.user_id == owner.user_id) & sessions.c.ended_at.is_(None)
    version = unit.execute(sa.select(sessions.c.security_version).where(mine)).scalar()
    if user is None or user.is_shut or version != user.security_version:
        raise NotLoggedIn()


def _end_others(unit: Unit, owner: Owner, why: str) -> None:
    device = devices.known(unit.session, unit.schema, owner.user_id, owner.client.device_token)
    login.end_all(unit, owner.user_id, why, keep=owner.session_id, forget_devices=True, keep_device=device)
