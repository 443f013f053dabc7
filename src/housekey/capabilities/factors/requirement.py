"""Whoever has a second factor is asked for it, whatever came first."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from housekey.errors import InvalidCredentials
from housekey.house import House
from housekey.kernel import clock
from housekey.login.attempt import Attempt, Challenge, Purpose
from housekey.login.factors import enrolled, is_proved, usable
from housekey.login.proof import Proof, restored
from housekey.login.settings import SessionSettings

SECOND_FACTOR = "second_factor"


class SecondFactor:
    """A person with a second factor has proved one of them besides the first proof. At a step-up one does that the
    session has seen within `HOUSEKEY_SESSIONS_FRESH_FOR`."""

    name = SECOND_FACTOR

    def check(self, house: House, attempt: Attempt) -> Challenge | None:
        if attempt.user is None or not attempt.proofs:
            return None  # refused before
        with house.read() as connection:
            mine = enrolled(house, connection, attempt.user.id)
            before = _proved_lately(connection, house, attempt) if mine else ()
        if not mine:
            return None
        first, *others = attempt.proofs
        factors = usable(house, first, mine)
        if is_proved(first, [*others, *before], factors):
            return None
        used_up = {one.method for one in mine if one.left == 0}
        methods = [factor.method for factor in factors if factor.method not in used_up]
        if not methods:  # nothing that this person has adds anything to this first proof
            raise InvalidCredentials()
        return Challenge(SECOND_FACTOR, "housekey.login_challenge", {"methods": methods})


def _proved_lately(connection: Any, house: House, attempt: Attempt) -> tuple[Proof, ...]:
    """What the session of a step-up has seen: else a change that needs the password would ask for a code, forget what
    was typed, and ask for a code again."""
    if attempt.purpose is not Purpose.STEP_UP or attempt.user is None:
        return ()
    sessions, since = house.store.tables["sessions"], clock.now() - house.settings[SessionSettings].fresh_for
    mine = (sessions.c.id == attempt.session_id) & (sessions.c.user_id == attempt.user.id)
    records = connection.execute(sa.select(sessions.c.proofs).where(mine)).scalar() or ()
    return tuple(proof for proof in restored(records, attempt.user.id) if proof.at > since)
