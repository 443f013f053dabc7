"""Whoever owes a second factor sets it up inside the login: a challenge like any other, with no session before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from housekey import login
from housekey.capabilities.factors import mailed, owing
from housekey.errors import InvalidCredentials, InvalidInput
from housekey.house import House, Unit
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Challenge, Enrolment, Factor, Given, Outcome, Purpose
from housekey.login.factors import FirstCode, is_by_key_alone
from housekey.store import users
from housekey.store.users import UserFacts

ENROL_FACTOR = "enrol_factor"
MAILED_CODE, FACTOR = "mailed_code", "factor"
"""The two steps of the challenge."""
ENDPOINT = "housekey.login_challenge"
WRONG = _("This isn't the code that we wait for, or there were too many tries. Try the next one, or wait a while.")
NOT_ASKED = _("This login doesn't ask for that.")
NO_CODE = _("Enter your code.")
NO_CREDENTIAL = _("Use your passkey.")


@dataclass(frozen=True)
class Passed:
    """A step was taken. `recovery_codes`: with the factor, to be shown this once."""

    outcome: Outcome
    recovery_codes: Sequence[str] | None = field(default=None, repr=False)


def challenge(house: House, attempt: Attempt) -> Challenge | None:
    """For somebody without a factor, or with a key alone that doesn't verify its holder. A session that is open already
    stays what it is: a step-up asks for what the person has, and the next login for the rest."""
    if attempt.user is None or attempt.purpose is not Purpose.LOGIN or not owing.is_due(house, attempt.user):
        return None
    if mailed.is_needed(house, attempt):
        return Challenge(ENROL_FACTOR, ENDPOINT, {"step": MAILED_CODE, "methods": [mailed.METHOD]}, mailed.send)
    methods = [factor.method for factor in ways(house, attempt)]
    if not methods:
        raise InvalidCredentials()  # nothing that this app has would do
    return Challenge(ENROL_FACTOR, ENDPOINT, {"step": FACTOR, "methods": methods}, _begin)


def ways(house: House, attempt: Attempt) -> list[Factor]:
    """The factors that can be set up inside this login, the strongest first. Beside a key that was shown alone an app
    would be possession once more (NIST SP 800-63B-4 §2.2.1): there a password does, or a passkey that verifies."""
    factors = [factor for factor in house.factors if factor.enrolment is not None and factor.is_offered(house)]
    if not is_by_key_alone(house, attempt.proofs[0]):
        return factors
    firsts = [factor for factor in house.first_factors if factor.enrolment is not None]
    return [factor for factor in factors if factor.by_credential] + firsts


def _begin(unit: Unit, attempt: Attempt) -> None:
    for factor in ways(unit.house, attempt):
        _of(factor).begin(unit, attempt)


def _of(factor: Factor) -> Enrolment:
    assert factor.enrolment is not None
    return factor.enrolment


def asked(house: House, attempt: Attempt) -> list[str]:
    """The methods of the factors that a login under way waits to be set up by; none if it waits for another thing."""
    waits_for = login.pending(house, attempt)
    is_it = waits_for is not None and waits_for.type == ENROL_FACTOR and waits_for.details["step"] == FACTOR
    return list(waits_for.details["methods"]) if waits_for is not None and is_it else []


def shown(house: House, attempt: Attempt, asked: Challenge) -> dict[str, Mapping[str, Any]]:
    """What the person needs to set up each of the factors, by its method; nothing before its step."""
    if asked.type != ENROL_FACTOR or asked.details["step"] != FACTOR:
        return {}
    return {factor.method: _of(factor).shown(house, attempt) for factor in ways(house, attempt)}


def answer(house: House, attempt: Attempt, asked: Challenge, method: str, given: Given, name: str = "") -> Passed:
    """Take the step that is asked for. Raises `InvalidInput` for `method` or `code` (wrong, locked, too late and
    changed meanwhile are one answer), `TooManyAttempts` and `Busy`. Tries are counted as at every login."""
    if method not in asked.details["methods"]:
        raise InvalidInput.of("method", "not_a_choice", NOT_ASKED)
    if asked.details["step"] == MAILED_CODE:
        return Passed(mailed.confirm(house, attempt, given.code.reveal() if given.code else ""))
    factor = next(factor for factor in ways(house, attempt) if factor.method == method)
    refuse_without(factor, given)
    try:
        with login.equal_time(house):
            return _set_up(house, attempt, method, _of(factor).first_code(house, attempt, given), name)
    except InvalidCredentials:
        field, code = ("credential", "invalid_credential") if factor.by_credential else ("code", "wrong_code")
        raise InvalidInput.of(field, code, _of(factor).wrong or WRONG) from None


def refuse_without(factor: Factor, given: Given) -> None:
    """Raises `InvalidInput` if what proves the factor wasn't sent at all."""
    if factor.by_credential and given.credential is None:
        raise InvalidInput.of("credential", "missing", NO_CREDENTIAL)
    if not factor.by_credential and given.code is None:
        raise InvalidInput.of("code", "missing", NO_CODE)


def _set_up(house: House, attempt: Attempt, method: str, check: FirstCode, name: str) -> Passed:
    """The factor is written before the session opens: if something else is asked for, or fails, it is asked for at the
    next login, and no session has opened without it."""
    proved = login.prove(house, attempt, method, check)
    user, codes = house.run(partial(_enrol, attempt=proved, check=check, name=name))
    return Passed(login.advance(house, proved.with_user(user)), codes)


def _enrol(unit: Unit, attempt: Attempt, check: FirstCode, name: str) -> tuple[UserFacts | None, Sequence[str] | None]:
    codes = check.enrol(unit, attempt, name.strip())
    assert attempt.user is not None  # proved
    return users.by_id(unit.session, unit.schema, attempt.user.id), codes
