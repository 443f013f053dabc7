"""The bridge from Flask-Login's cookies: for some weeks each opens one session, so that the change logs nobody out.

`HOUSEKEY_LOGIN_BRIDGE_UNTIL` names its last day. Who crosses walks the road like everybody: a requirement may refuse,
or ask for more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey.errors import InvalidCredentials
from housekey.house import House, Unit
from housekey.kernel import clock, tokens
from housekey.login.attempt import Client, Outcome
from housekey.login.pipeline import advance, begin
from housekey.login.proof import BRIDGE, Kind, Proof
from housekey.login.settings import LoginSettings
from housekey.store.user_sync import FROM_BEFORE, MADE_HERE

TRIES = 4
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def is_open(last_day: date) -> bool:
    """Until the end of that day, in UTC."""
    return clock.now().astimezone(UTC).date() <= last_day


def spend(house: House, cookies: Sequence[str]) -> list[str]:
    """Which of these cookies, named by what can't be forged or varied in them, have never been used here before. From
    now on all have (flaw 5).

    In one transaction: of two requests that bear the same two cookies, each could else spend another one.
    """
    for _again in range(TRIES):
        try:
            return house.run(lambda unit: _spend(unit, cookies))
        except IntegrityError:
            continue  # somebody has spent one of them in this moment
    return []


def _spend(unit: Unit, cookies: Sequence[str]) -> list[str]:
    digests, spent, moment = (
        {cookie: tokens.digest(cookie) for cookie in cookies},
        unit.tables["spent_cookies"],
        clock.now(),
    )
    known = set(unit.scalars(sa.select(spent.c.digest).where(spent.c.digest.in_(digests.values()))))
    new = {cookie: digest for cookie, digest in digests.items() if digest not in known}
    if new:
        rows = [{"digest": digest, "spent_at": moment} for digest in sorted(new.values())]
        unit.execute(sa.insert(spent), rows)
    return list(new)


def cross(house: House, client: Client, user_id: Any, **begun_with: Any) -> Outcome:
    """A login by an old cookie that has just been spent; never fresh, for nobody has proved anything now.

    Raises `InvalidCredentials` for one who is unknown, shut out or was not here before Housekey, and for one who has
    changed the password or logged out everywhere since: that ends what was granted before (flaw 4).
    """
    attempt = begin(house, client, user_id=user_id, fresh=False, **begun_with)
    if attempt.user is None or attempt.user.security_version != FROM_BEFORE:
        raise InvalidCredentials()
    return advance(house, attempt.with_proof(Proof(attempt.user.id, BRIDGE, Kind.KNOWLEDGE, clock.now())))


def close(unit: Unit) -> None:
    """Let nobody cross any more who was here before Housekey: which of the cookies are spent isn't known for sure."""
    if unit.house.settings[LoginSettings].bridge_until is None:
        return
    accounts = unit.tables["accounts"]
    from_before = accounts.c.security_version == FROM_BEFORE
    unit.execute(sa.update(accounts).where(from_before).values(security_version=MADE_HERE))


def keep_spent(house: House) -> None:
    """What was spent is kept until the last day is over, and then swept."""
    last_day = house.settings[LoginSettings].bridge_until
    if last_day is not None:
        house.store.expiring["spent_cookies"] = lambda table, moment: (
            table.c.spent_at < (NEVER if is_open(last_day) else moment)
        )
