"""“Don't ask on this device for 30 days”: a browser that goes without the second step.

What it holds lets nobody in by itself, adds no proof, and is new after each login. Each raise of `security_version`
ends it: a change of password or factors, a reset, a freeze, “log out everywhere”.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.factors.events import DeviceTrusted, DeviceTrustEnded
from housekey.capabilities.factors.settings import FactorSettings
from housekey.errors import InvalidCredentials, NotFound
from housekey.house import House, Unit
from housekey.kernel import clock, tokens
from housekey.login import Attempt, Purpose
from housekey.login.attempt import Trust
from housekey.login.factors import enrolled

WANTED = "trust_device"
"""Stands in `Attempt.done` of whoever has ticked the box, and proved a factor."""


@dataclass(frozen=True)
class TrustedDevice:
    """A browser that isn't asked."""

    id: str
    address: str
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime


def days(house: House) -> int | None:
    """For how many days, at least one; None: it isn't offered."""
    lifetime = house.settings[FactorSettings].trust_device_for
    return None if lifetime is None else max(1, lifetime.days)


def is_trusted(source: Any, house: House, attempt: Attempt) -> bool:
    """Whether this browser isn't asked at this login. A step-up asks everywhere."""
    if not _may_be(house, attempt):
        return False
    table = house.store.tables["trusted_devices"]
    return source.execute(sa.select(table.c.id).where(*_mine(table, attempt))).first() is not None


def _may_be(house: House, attempt: Attempt) -> bool:
    """Not after a first proof by a factor: who has begun with a key shows the password as the second step. Nor in a
    browser that the account doesn't know: each login would make a new one known, with new tries at the second step."""
    if attempt.device is None:
        return False
    on = house.settings[FactorSettings].trust_device_for is not None and attempt.purpose is Purpose.LOGIN
    by_factor = attempt.proofs and attempt.proofs[0].method in {factor.method for factor in house.factors}
    return on and attempt.user is not None and attempt.client.trust_token is not None and not by_factor


def _mine(table: sa.Table, attempt: Attempt) -> tuple[Any, ...]:
    assert attempt.user is not None  # asked before
    return (
        table.c.token == tokens.digest(attempt.client.trust_token or ""),
        table.c.user_id == attempt.user.id,
        table.c.security_version == attempt.user.security_version,
        table.c.expires_at > clock.now(),
    )


def carry(unit: Unit, attempt: Attempt) -> Trust | None:
    """In the transaction that opens a session: what the browser holds from now on. Of two that show one token in the
    same moment, one gets in by it. Raises `InvalidCredentials` for the other."""
    if WANTED in attempt.done:
        return _begun(unit, attempt)
    if not _may_be(unit.house, attempt):
        return None
    table, token, moment = unit.tables["trusted_devices"], tokens.new_token(), clock.now()
    expires_at = unit.execute(sa.select(table.c.expires_at).where(*_mine(table, attempt))).scalar()
    renewed = sa.update(table).where(*_mine(table, attempt)).values(token=token.digest, last_used_at=moment)
    if unit.execute(renewed).rowcount == 1 and expires_at is not None:
        seconds = max(1, int((expires_at - moment).total_seconds()))
        return Trust(token.secret, seconds, instead=_relies_on_it(unit, attempt))
    if _relies_on_it(unit, attempt):
        raise InvalidCredentials()
    return None


def _relies_on_it(unit: Unit, attempt: Attempt) -> bool:
    """Whether nothing but this trust stands for the second step."""
    assert attempt.user is not None
    methods = {factor.method for factor in unit.house.factors}
    proved = any(proof.method in methods for proof in attempt.proofs)
    return not proved and bool(enrolled(unit.house, unit.session, attempt.user.id))


def _begun(unit: Unit, attempt: Attempt) -> Trust | None:
    lifetime = unit.house.settings[FactorSettings].trust_device_for
    if lifetime is None or attempt.user is None:
        return None
    table, token, moment = unit.tables["trusted_devices"], tokens.new_token(), clock.now()
    if attempt.client.trust_token:
        former = table.c.token == tokens.digest(attempt.client.trust_token)
        unit.execute(sa.delete(table).where(former, table.c.user_id == attempt.user.id))
    row = {
        "token": token.digest,
        "user_id": attempt.user.id,
        "id": tokens.new_public_id(),
        "security_version": attempt.user.security_version,
        "address": attempt.client.address[:45],
        "user_agent": attempt.client.user_agent[:400],
        "created_at": moment,
        "last_used_at": moment,
        "expires_at": moment + lifetime,
    }
    unit.execute(sa.insert(table).values(row))
    unit.publish(DeviceTrusted(user_id=attempt.user.id, until=moment + lifetime, at=moment))
    return Trust(token.secret, int(lifetime.total_seconds()))


def own(house: House, user_id: Any) -> Sequence[TrustedDevice]:
    """A person's browsers that aren't asked, the latest first; none where the site has switched it off."""
    if house.settings[FactorSettings].trust_device_for is None:
        return []
    table, accounts = house.store.tables["trusted_devices"], house.store.tables["accounts"]
    live = (table.c.security_version == accounts.c.security_version) & (table.c.expires_at > clock.now())
    columns = [table.c[name] for name in TrustedDevice.__dataclass_fields__]
    joined = table.join(accounts, accounts.c.user_id == table.c.user_id)
    found = sa.select(*columns).select_from(joined).where(table.c.user_id == user_id, live)
    with house.read() as connection:
        rows = connection.execute(found.order_by(table.c.last_used_at.desc(), table.c.id)).all()
    return [TrustedDevice(**row._mapping) for row in rows]


def end(house: House, user_id: Any, device_id: str) -> None:
    """From now on that browser is asked. Raises `NotFound`, for another person's too (flaw 47)."""

    def verb(unit: Unit) -> None:
        table = unit.tables["trusted_devices"]
        gone = unit.execute(sa.delete(table).where(table.c.id == device_id, table.c.user_id == user_id))
        if gone.rowcount != 1:
            raise NotFound()
        unit.publish(DeviceTrustEnded(user_id=user_id, at=clock.now()))

    house.run(verb)
