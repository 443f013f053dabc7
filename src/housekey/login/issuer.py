"""The only code that opens sessions. Nothing but the pipeline imports it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from housekey.errors import InvalidCredentials
from housekey.house import Unit
from housekey.kernel import clock, tokens
from housekey.login import parking
from housekey.login.attempt import Attempt, Complete
from housekey.login.endings import end_sessions
from housekey.login.events import LoggedIn, SteppedUp
from housekey.login.proof import Proof, methods
from housekey.login.requirements import ACCOUNT_USABLE
from housekey.login.settings import SessionSettings
from housekey.store import devices, sessions, users

Lock = Callable[[Any, Any, Any], users.UserFacts | None]

UNPROVED = datetime(1970, 1, 1, tzinfo=UTC)
"""`auth_time` of a host's `login_user(user, fresh=False)`: nobody says when the person last proved who they are, so
it is longer ago than any freshness that a view may ask for."""


def issue(unit: Unit, attempt: Attempt) -> Complete:
    """Open a session for an attempt of which every requirement holds. Raises `InvalidCredentials` if the user was
    disabled or changed meanwhile: the state is read again under lock, so no race opens a session (flaw 56)."""
    attempt = replace(attempt, user=_unchanged_user(unit, attempt, users.lock_at_login))
    if attempt.token:
        parking.spend(unit, attempt.token)
    end_replaced(unit, attempt)
    trust = unit.house.trust(unit, attempt)
    token, session_id = _insert(unit, attempt, fresh=attempt.fresh and not (trust and trust.instead))
    _enforce_limit(unit, attempt, session_id)
    return replace(_completed(unit, attempt, session_id, token), trust=trust)


def _unchanged_user(unit: Unit, attempt: Attempt, lock: Lock = users.lock) -> users.UserFacts:
    """As the user is now, but for the time of the login before this one."""
    assert attempt.user is not None  # the requirement `account_usable` has held
    user = lock(unit.session, unit.schema, attempt.user.id)
    if user is None or user.security_version != attempt.user.security_version:
        raise InvalidCredentials()
    ACCOUNT_USABLE.check(unit.house, replace(attempt, user=user))
    return replace(user, last_login_at=attempt.user.last_login_at)


def end_replaced(unit: Unit, attempt: Attempt) -> None:
    """Whoever was logged in here before, is no more: no token survives a login (flaw 2)."""
    if attempt.client.session_token:
        sessions = unit.tables["sessions"]
        end_sessions(unit, "replaced", sessions.c.token == tokens.digest(attempt.client.session_token))


def _insert(unit: Unit, attempt: Attempt, *, fresh: bool) -> tuple[tokens.Token, str]:
    """`fresh`: not where a trusted browser stood for the second step. A stolen one with a stolen password must neither
    close the account nor take its data along."""
    assert attempt.user is not None
    settings, moment, token = unit.house.settings[SessionSettings], clock.now(), tokens.new_token()
    row = {
        "id": tokens.new_public_id(),
        "token": token.digest,
        "user_id": attempt.user.id,
        "security_version": attempt.user.security_version,
        "proofs": [proof.record() for proof in attempt.proofs],
        "auth_time": moment if fresh else UNPROVED,
        "created_at": moment,
        "last_seen_at": moment,
        **_deadlines(settings, attempt, moment),
        "remember": attempt.remember,
        "address": attempt.client.address[:45],
        "user_agent": attempt.client.user_agent[:400],
        "boot": attempt.client.boot,
    }
    unit.execute(sa.insert(unit.tables["sessions"]), row)
    return token, str(row["id"])


def _deadlines(settings: SessionSettings, attempt: Attempt, moment: datetime) -> dict[str, Any]:
    if attempt.lifetime_seconds:
        lifetime = timedelta(seconds=attempt.lifetime_seconds)
        return {"idle_seconds": attempt.lifetime_seconds, "expires_at": moment + lifetime}
    idle = settings.remember_idle if attempt.remember else settings.idle
    absolute = settings.remember_absolute if attempt.remember else settings.absolute
    return {"idle_seconds": int(idle.total_seconds()), "expires_at": moment + absolute}


def _enforce_limit(unit: Unit, attempt: Attempt, newest: str) -> None:
    """One session too many ends the oldest, not the new one."""
    limit, sessions = unit.house.settings[SessionSettings].limit, unit.tables["sessions"]
    if limit is None or attempt.user is None:
        return
    mine = (sessions.c.user_id == attempt.user.id) & sessions.c.ended_at.is_(None) & (sessions.c.id != newest)
    others = list(unit.scalars(sa.select(sessions.c.id).where(mine).order_by(sessions.c.last_seen_at.desc())))
    if surplus := others[limit - 1 :]:
        end_sessions(unit, "limit", sessions.c.id.in_(surplus))


def _completed(unit: Unit, attempt: Attempt, session_id: str, token: tokens.Token) -> Complete:
    assert attempt.user is not None
    client, moment = attempt.client, clock.now()
    device, known = _remember_device(unit, attempt)
    for guard in unit.house.guards:
        guard.clear(unit, attempt)
    unit.publish(
        LoggedIn(
            user_id=attempt.user.id,
            session_id=session_id,
            methods=methods(attempt.proofs),
            address=client.address,
            user_agent=client.user_agent,
            new_device=not known,
            first=attempt.user.last_login_at is None,
            at=moment,
        )
    )
    return _answer(unit, attempt, session_id, token, device)


def _remember_device(unit: Unit, attempt: Attempt) -> tuple[str, bool]:
    """The new token of this browser, and whether it was known before."""
    assert attempt.user is not None
    client = attempt.client
    family = client.family[:100]
    return devices.remember(
        unit.session, unit.schema, attempt.user.id, attempt.device, old=client.device_token, family=family
    )


def _answer(unit: Unit, attempt: Attempt, session_id: str, token: tokens.Token, device: str) -> Complete:
    assert attempt.user is not None
    absolute = unit.house.settings[SessionSettings].remember_absolute
    lifetime = attempt.lifetime_seconds or int(absolute.total_seconds())
    return Complete(
        session_id=session_id,
        user=attempt.user,
        token=token.secret,
        device_token=device,
        remember=attempt.remember,
        max_age=lifetime,
        purpose=attempt.purpose,
        target=attempt.target,
    )


def renew(unit: Unit, attempt: Attempt) -> Complete:
    """Step-up: the live session gets a new token, the new proofs and a new `auth_time` (ASVS 7.2.4). From here on only
    the browser that proved holds the token, so its family is the one that protection knows."""
    user = _unchanged_user(unit, attempt)
    table, token, moment = unit.tables["sessions"], tokens.new_token(), clock.now()
    mine = (table.c.id == attempt.session_id) & (table.c.user_id == user.id) & table.c.ended_at.is_(None)
    row = unit.execute(sa.select(table).where(mine).with_for_update()).mappings().first()
    if row is None or sessions.has_run_out(row):
        raise InvalidCredentials()
    if attempt.token:
        parking.spend(unit, attempt.token)
    proofs = _joined(row["proofs"], attempt.proofs)
    agent = attempt.client.user_agent[:400]
    renewed = {"token": token.digest, "proofs": proofs, "auth_time": moment, "user_agent": agent}
    renewed |= {"last_seen_at": moment, "aal2_ended_at": None}
    unit.execute(sa.update(table).where(mine).values(renewed))
    for guard in unit.house.guards:
        guard.clear(unit, attempt)
    unit.publish(
        SteppedUp(user_id=user.id, session_id=str(attempt.session_id), methods=methods(attempt.proofs), at=moment)
    )
    device, _known = _remember_device(unit, attempt)
    return _answer(unit, replace(attempt, user=user, remember=row["remember"]), str(attempt.session_id), token, device)


def _joined(before: list[dict[str, Any]], new: tuple[Proof, ...]) -> list[dict[str, Any]]:
    """A method proved again replaces its older proof."""
    again = set(methods(new))
    return [record for record in before if record["method"] not in again] + [proof.record() for proof in new]
