"""Whoever has a second factor is asked for it, whatever came first; whoever owes one sets it up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.factors import enrolling, resets, trusting
from housekey.capabilities.factors.inputs import SECOND_FACTOR
from housekey.errors import Forbidden, InvalidCredentials, LoginExpired
from housekey.house import House
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.login.attempt import Attempt, Challenge, Purpose
from housekey.login.factors import Enrolled, enrolled, firsts, is_proved, usable
from housekey.login.proof import Proof, restored
from housekey.login.settings import SessionSettings

NONE_WORKS = _("Your second step isn't taken on this site any more. Ask those who run it to reset it.")
JUST_RESET = _("Your two-step login has just been reset. Log in again: the first step is enough.")


class SecondFactor:
    """A person with a second factor has proved one of them besides the first proof; one who must have one
    (`HOUSEKEY_FACTORS_REQUIRED_FOR`) has set it up, or, beside a key that doesn't verify its holder, a password or a
    passkey that does. At a step-up one does that the session has seen within
    `HOUSEKEY_SESSIONS_FRESH_FOR`."""

    name = SECOND_FACTOR
    challenges = (SECOND_FACTOR, enrolling.ENROL_FACTOR)

    def check(self, house: House, attempt: Attempt) -> Challenge | None:
        if attempt.user is None or not attempt.proofs:
            return None  # refused before
        with house.read() as connection:
            mine = enrolled(house, connection, attempt.user.id)
            before = _proved_lately(connection, house, attempt) if mine else ()
        if mine and attempt.rehearsal:
            mine = _left_by_a_reset(house, attempt.user.id, mine)
        if not mine:
            return enrolling.challenge(house, attempt)
        if not attempt.rehearsal and resets.is_carried_out(house, attempt.user.id):
            raise LoginExpired(JUST_RESET)  # it was begun under a `security_version` that has just ended
        first, *others = attempt.proofs
        factors = usable(house, first, mine)
        by_factor = first.method in {factor.method for factor in house.factors}
        if by_factor and not factors:
            with house.read() as connection:
                factors = firsts(house, connection, attempt.user.id)
            if not factors and not any(one.verifies for one in mine):
                return enrolling.challenge(house, attempt)  # nothing is there that could be asked for beside the key
        if is_proved(first, [*others, *before], factors):
            return None
        with house.read() as connection:
            if trusting.is_trusted(connection, house, attempt):
                return None
        used_up = {one.method for one in mine if one.left == 0}
        left = [factor for factor in factors if factor.method not in used_up]
        methods = [factor.method for factor in left if factor.is_offered(house)]
        if left and not methods:
            raise Forbidden(NONE_WORKS)
        if not methods:  # nothing that this person has adds anything to this first proof
            raise InvalidCredentials()
        return Challenge(SECOND_FACTOR, "housekey.login_challenge", {"methods": methods})


def _left_by_a_reset(house: House, user_id: Any, mine: Sequence[Enrolled]) -> list[Enrolled]:
    """What would be left of a person's factors by a reset whose time has come."""
    asked_at = resets.asked_at(house, user_id)
    left = [one for one in mine if asked_at is None or one.created_at > asked_at]
    return left if any(one.left is None for one in left) else []


def _proved_lately(connection: Any, house: House, attempt: Attempt) -> tuple[Proof, ...]:
    """What the session of a step-up has seen: else a change that needs the password would ask for a code, forget what
    was typed, and ask for a code again."""
    if attempt.purpose is not Purpose.STEP_UP or attempt.user is None:
        return ()
    sessions, settings = house.store.tables["sessions"], house.settings[SessionSettings]
    since = clock.now() - min(settings.fresh_for, settings.aal2_idle, settings.aal2_for)  # AAL2 that has ended is over
    mine = (sessions.c.id == attempt.session_id) & (sessions.c.user_id == attempt.user.id)
    records = connection.execute(sa.select(sessions.c.proofs).where(mine)).scalar() or ()
    return tuple(proof for proof in restored(records, attempt.user.id) if proof.at > since)
