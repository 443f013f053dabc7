"""Attempts that wait for their next step: rows that only a token opens, and that are spent once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from housekey.errors import InvalidCredentials
from housekey.house import House, Unit
from housekey.kernel import clock, tokens
from housekey.login.attempt import Attempt, Client, Purpose
from housekey.login.proof import restored
from housekey.login.settings import LoginSettings
from housekey.store import devices, users
from housekey.store.tables import LONGEST_TARGET

UNPROVED = "unproved"
"""Stands in `done` of an attempt that was begun by somebody who hasn't proved just now who they are: a later step
doesn't make up for that."""


def park(unit: Unit, attempt: Attempt) -> str:
    """Keep an attempt; answers its new token. The former token is dead at once, so that one planted before a
    proof never becomes a logged-in browser (flaw 59)."""
    if attempt.user is None:
        raise InvalidCredentials()
    if attempt.token:
        spend(unit, attempt.token)
    token, moment = tokens.new_token(), clock.now()
    row = {
        "token": token.digest,
        "user_id": attempt.user.id,
        "purpose": attempt.purpose.value,
        "session_id": attempt.session_id,
        "security_version": attempt.user.security_version,
        "proofs": [proof.record() for proof in attempt.proofs],
        "done": sorted(attempt.done if attempt.fresh else attempt.done | {UNPROVED}),
        "remember": attempt.remember,
        "lifetime_seconds": attempt.lifetime_seconds,
        "target": _fitting(attempt.target),
        "created_at": moment,
        "expires_at": moment + unit.house.settings[LoginSettings].attempt_lifetime,
    }
    unit.execute(sa.insert(unit.tables["attempts"]).values(**row))
    return token.secret


def _fitting(target: str | None) -> str | None:
    """Where to go on to is a convenience: what is too long to be kept is forgotten, and the login goes on."""
    return target if target is not None and len(target) <= LONGEST_TARGET else None


def spend(unit: Unit, token: str) -> None:
    """Use a parked attempt up. Of two parallel spenders exactly one wins (judged by the row count)."""
    attempts = unit.tables["attempts"]
    mine = (attempts.c.token == tokens.digest(token)) & attempts.c.spent_at.is_(None)
    done = unit.execute(
        sa.update(attempts).where(mine, attempts.c.expires_at > clock.now()).values(spent_at=clock.now())
    )
    if done.rowcount != 1:
        raise InvalidCredentials()


def resume(house: House, client: Client, token: str | None) -> Attempt | None:
    """The attempt that a browser's token points to, if it is still under way and its user is unchanged."""
    if not token or not tokens.looks_like_token(token):
        return None
    schema = house.store.schema
    attempts = schema.tables["attempts"]
    mine = (attempts.c.token == tokens.digest(token)) & attempts.c.spent_at.is_(None)
    with house.read() as connection:
        row = (
            connection.execute(sa.select(attempts).where(mine, attempts.c.expires_at > clock.now())).mappings().first()
        )
        user = users.by_id(connection, schema, row["user_id"]) if row else None
        if row is None or user is None or user.security_version != row["security_version"]:
            return None
        device = devices.known(connection, schema, user.id, client.device_token)
    return replace(_restored(client, user, row), device=device, token=token)


def _restored(client: Client, user: users.UserFacts, row: Any) -> Attempt:
    return Attempt(
        purpose=Purpose(row["purpose"]),
        client=client,
        user=user,
        proofs=restored(row["proofs"], user.id),
        done=frozenset(row["done"]),
        fresh=UNPROVED not in row["done"],
        session_id=row["session_id"],
        remember=row["remember"],
        lifetime_seconds=row["lifetime_seconds"],
        target=row["target"],
    )


def drop(house: House, token: str | None) -> None:
    """Forget a parked attempt: logout and “start over” leave no half-finished login behind (flaw 38)."""
    if token:
        attempts = house.store.tables["attempts"]
        with house.write() as unit:
            unit.execute(sa.delete(attempts).where(attempts.c.token == tokens.digest(token)))


def end_step_ups(unit: Unit, session_ids: Sequence[str]) -> None:
    """A step-up dies with its session (flaw 59)."""
    attempts = unit.tables["attempts"]
    unit.execute(sa.delete(attempts).where(attempts.c.session_id.in_(session_ids)))
