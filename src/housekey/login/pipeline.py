"""The one road: begin, prove, advance. Pages, JSON, a host's `login_user` and every later method take it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import IntegrityError

from housekey.errors import Busy, InvalidCredentials, Refused
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.names import identifier_key
from housekey.login import issuer, parking
from housekey.login.attempt import Attempt, Challenge, Client, Complete, Outcome, Parked, Purpose
from housekey.login.events import ChallengeRaised, LoginRefused
from housekey.login.proof import HOST, Kind, Proof
from housekey.login.requirements import first_challenge
from housekey.login.settings import LoginSettings
from housekey.store import devices, users

Check = Callable[[Attempt], Proof]


def begin(
    house: House,
    client: Client,
    *,
    identifier: str = "",
    user_id: Any = None,
    purpose: Purpose = Purpose.LOGIN,
    **begun_with: Any,
) -> Attempt:
    """An attempt by whoever bears `identifier`, or by `user_id`. An unknown one gets an attempt too, with the
    same reads, and walks the same road."""
    schema = house.store.schema
    with house.read() as connection:
        if user_id is not None:
            user = users.by_id(connection, schema, user_id)
        else:
            user = users.by_identifier(connection, schema, identifier)
        device = devices.known(connection, schema, user.id if user else None, client.device_token)
    return Attempt(purpose, client, user, identifier=identifier, device=device, **begun_with)


def admit(house: House, client: Client, action: str) -> None:
    """Let guards count a costly request that is no login. Raises `TooManyAttempts`."""
    for guard in house.guards:
        guard.admit(house, client, action)


def prove(house: House, attempt: Attempt, method: str, check: Check) -> Attempt:
    """Let guards count the try, then check it. Raises what `check` raises; a locked attempt does the same work
    and is refused even if the proof is right, so that a lock confirms nothing (flaw 58)."""
    with _unless_erased(house, attempt):
        return _prove(house, attempt, method, check)


@contextmanager
def _unless_erased(house: House, attempt: Attempt) -> Iterator[None]:
    """Whoever is erased while logging in is refused like anybody unknown: no row can name them any more."""
    try:
        yield
    except IntegrityError:
        with house.read() as connection:
            if attempt.user is None or users.by_id(connection, house.store.schema, attempt.user.id) is not None:
                raise
        raise InvalidCredentials() from None


def _prove(house: House, attempt: Attempt, method: str, check: Check) -> Attempt:
    counted = [guard for guard in house.guards if not guard.charge(house, attempt, method)]
    locked = len(counted) < len(house.guards)
    try:
        proof = check(replace(attempt, locked=locked))
    except Busy:
        for guard in counted:  # what was locked was not counted: a refund would open the lock
            guard.refund(house, attempt, method)
        raise
    except Refused as refusal:
        record_refusal(house, attempt, method, "locked" if locked else refusal.code)
        if not locked:
            for guard in house.guards:
                guard.refused(house, attempt, method)
        raise
    if locked:
        record_refusal(house, attempt, method, "locked")
        raise InvalidCredentials()
    return _with_proof(house, attempt, proof)


def _with_proof(house: House, attempt: Attempt, proof: Proof) -> Attempt:
    """One of another user ends the attempt, also where it is parked (flaw 34)."""
    try:
        return attempt.with_proof(proof)
    except InvalidCredentials:
        parking.drop(house, attempt.token)
        raise


def uncount(house: House, attempt: Attempt, method: str) -> None:
    """Take back the count of one try: it never took place, or it was right and no login follows."""
    for guard in house.guards:
        guard.refund(house, attempt, method)


def advance(house: House, attempt: Attempt, *, then: Callable[[Unit], object] | None = None) -> Outcome:
    """Walk the requirements: the next challenge, with the attempt parked, or the open session.

    `then` is what a step-up was asked for. It runs in the transaction that has just found user and session unchanged,
    so that nothing which ended them meanwhile is overruled; while a challenge is open it doesn't run.
    """
    with _unless_erased(house, attempt):
        return _advance(house, attempt, then)


def _advance(house: House, attempt: Attempt, then: Callable[[Unit], object] | None) -> Outcome:
    try:
        challenge = first_challenge(house, attempt)
        if challenge is not None:
            return _parked(house, attempt, challenge)
        return house.run(lambda unit: _open(unit, attempt, then))
    except Refused as refusal:
        method = attempt.proofs[-1].method if attempt.proofs else ""
        record_refusal(house, attempt, method, _reason(attempt, refusal))
        if method not in ("", HOST):  # what was counted as a try has failed, and costs what other failures cost
            for guard in house.guards:
                guard.refused(house, attempt, method)
        raise


def _open(unit: Unit, attempt: Attempt, then: Callable[[Unit], object] | None) -> Complete:
    opened = (issuer.renew if attempt.purpose is Purpose.STEP_UP else issuer.issue)(unit, attempt)
    if then is not None:
        then(unit)
    return opened


def _parked(house: House, attempt: Attempt, challenge: Challenge) -> Parked:
    with house.write() as unit:
        if attempt.purpose is Purpose.LOGIN:
            issuer.end_replaced(unit, attempt)
        token = parking.park(unit, attempt)
        if challenge.raised is not None:
            challenge.raised(unit, replace(attempt, token=token))
        unit.publish(ChallengeRaised(user_id=_user_id(attempt), challenge=challenge.type, at=clock.now()))
    return Parked(challenge, token, attempt.target)


def pending(house: House, attempt: Attempt) -> Challenge | None:
    """What a parked attempt is asked for now."""
    return first_challenge(house, attempt)


def vouch(
    house: House,
    client: Client,
    user_id: Any,
    *,
    method: str = HOST,
    channel: str = "",
    kind: Kind = Kind.KNOWLEDGE,
    **begun_with: Any,
) -> Outcome:
    """The word of somebody who has checked already: a host's `login_user`, or a registration just made. A proof at
    AAL1 like any other; a requirement may still ask for more."""
    attempt = begin(house, client, user_id=user_id, **begun_with)
    if attempt.user is None:
        raise InvalidCredentials()
    proof = Proof(attempt.user.id, method, kind, clock.now(), channel)
    return advance(house, attempt.with_proof(proof))


def record_refusal(house: House, attempt: Attempt, method: str, reason: str) -> None:
    """In a transaction of its own, after the verb's has ended: no rollback erases it."""
    client = attempt.client
    house.announce(
        LoginRefused(
            user_id=_user_id(attempt),
            method=method,
            reason=reason,
            address=client.address,
            network=client.network,
            user_agent=client.user_agent,
            known_device=attempt.device is not None,
            identifier_hmac=identifier_hmac(house, attempt),
            at=clock.now(),
        )
    )


def identifier_hmac(house: House, attempt: Attempt) -> str | None:
    """Of a name that nobody bears: shows that tries belong together, and not what was typed."""
    if attempt.user is not None or not attempt.identifier:
        return None
    return house.keyed_digest(f"identifier|{identifier_key(attempt.identifier)[1]}").hex()


def _user_id(attempt: Attempt) -> Any:
    return attempt.user.id if attempt.user else None


def _reason(attempt: Attempt, refusal: Refused) -> str:
    if attempt.user and attempt.user.is_shut:
        return "disabled" if attempt.user.disabled_at else "frozen"
    return refusal.code


@contextmanager
def equal_time(house: House) -> Iterator[None]:
    """Refusals inside take at least `HOUSEKEY_LOGIN_REFUSAL_TIME`, whatever their reason (flaw 11)."""
    began = time.monotonic()
    try:
        yield
    except InvalidCredentials:
        floor = house.settings[LoginSettings].refusal_time.total_seconds()
        left = floor - (time.monotonic() - began)
        if left > 0:
            time.sleep(left)
        raise
