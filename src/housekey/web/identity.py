"""Who is asking: once per request, on first use, never for a page that doesn't ask."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from flask import Request, current_app, has_request_context, request
from werkzeug.local import LocalProxy

from housekey.errors import HostTransactionOpen
from housekey.house import House
from housekey.kernel import clock, devices
from housekey.login import end_sessions
from housekey.login.proof import Proof, amr, assurance_level, restored
from housekey.login.settings import SessionSettings
from housekey.store.sessions import SessionFacts
from housekey.web import readers
from housekey.web.client import session_token
from housekey.web.here import Asking, asking, state

STRONG, BASIC = "strong", "basic"


@dataclass
class Identity:
    """Who is asking in this request, how and when they proved it.

    `session` is None for a user that a host's `request_loader` named: without AAL, never fresh. `user_id` is None
    if that is no user of this app's model but an object of the host's own.
    """

    house: House
    user_id: Any
    name: str
    session: SessionFacts | None = None
    stale: bool = False
    scopes: frozenset[str] | None = None

    @property
    def session_id(self) -> str | None:
        """The public id of the session, as the list of sessions shows it."""
        return self.session.id if self.session else None

    @property
    def auth_time(self) -> datetime | None:
        """When the person last proved who they are."""
        return self.session.auth_time if self.session else None

    @cached_property
    def proofs(self) -> tuple[Proof, ...]:
        return restored(self.session.proofs, self.user_id) if self.session else ()

    @property
    def amr(self) -> tuple[str, ...]:
        """The methods used (RFC 8176)."""
        return amr(self.proofs)

    @property
    def aal(self) -> int:
        """The level that the proofs reach now: it falls to 1 with time (NIST SP 800-63B-4 §2.2.3)."""
        if self.session is None:
            return 0
        settings, moment = self.house.settings[SessionSettings], clock.now()
        level = assurance_level(self.proofs)
        too_old = moment - self.session.auth_time > settings.aal2_for
        rested = moment - self.session.last_seen_at > settings.aal2_idle or self.session.aal2_ended_at is not None
        return min(level, 1) if too_old or rested else level

    def is_fresh(self, max_age: int | None = None) -> bool:
        """Whether the last proof is at most `max_age` seconds old (default: `HOUSEKEY_SESSIONS_FRESH_FOR`)."""
        if self.session is None or self.stale:
            return False
        limit = self.house.settings[SessionSettings].fresh_for.total_seconds() if max_age is None else max_age
        return (clock.now() - self.session.auth_time).total_seconds() < limit

    @cached_property
    def _grants(self) -> tuple[frozenset[str], frozenset[str]]:
        return self.house.grants(self.house, self.user_id) if self.user_id is not None else (frozenset(), frozenset())

    @property
    def roles(self) -> frozenset[str]:
        """Read at first use in each request: a role taken away counts at the next one."""
        return self._grants[0]

    @property
    def permissions(self) -> frozenset[str]:
        return self._grants[1]


def identify() -> Identity | None:
    """The identity of this request, None for nobody."""
    found = asking()
    if not found.judged:
        found.asked = True
        current_app.login_manager.recognise(found, with_user=False)  # type: ignore[attr-defined]
    return found.identity


def has_session() -> bool:
    """Whether somebody is logged in here. Whom only a host's `request_loader` names isn't: sent on from the login page,
    they would come back to it for ever."""
    identity = identify()
    return identity is not None and identity.session is not None


def proved_by_header() -> bool:
    """Whether an `Authorization` header that only a program sends named the user. No page of another site can make
    a browser send one, so such a request needs no check against that; Basic is sent by browsers on their own."""
    if "Authorization" not in request.headers or is_basic(request):
        return False
    identity = identify()
    return identity is not None and identity.session is None


def is_basic(request: Request) -> bool:
    """Whether the `Authorization` header may be a proxy's, that asked for a password of its own."""
    return request.headers.get("Authorization", "").lower().startswith("basic ")


def from_cookie(found: Asking, *, with_user: bool) -> None:
    """Judge the session cookie; a bad one is just nobody. With the host's user in the same read if asked for."""
    token = session_token()
    if token is None:
        return
    recogniser = state().recogniser
    if with_user:
        record, found.user = recogniser.user_of(token) or (None, None)
    else:
        record = recogniser.facts_of(token)
    if record is not None:
        accept(found, record)


def accept(found: Asking, record: SessionFacts) -> None:
    """Take a live session for this request, unless its protection objects."""
    stale = _is_elsewhere(record)
    if stale:
        current_app.login_manager.report_protection()  # type: ignore[attr-defined]
        if current_app.login_manager.protection() == STRONG:  # type: ignore[attr-defined]
            _end_stolen(record)
            found.user = None
            return
    found.record = record
    found.identity = Identity(state().house, record.user_id, record.user_name, record, stale=stale)
    readers.speak_as_account_asks(record.language)


def _is_elsewhere(record: SessionFacts) -> bool:
    """Another browser family than the one that logged in. Versions may change; addresses change honestly."""
    agent = request.headers.get("User-Agent", "")[:400]
    if agent == record.user_agent or current_app.login_manager.protection() is None:  # type: ignore[attr-defined]
        return False
    return devices.family(agent) != devices.family(record.user_agent)


def _end_stolen(record: SessionFacts) -> None:
    """If the host is in the middle of a transaction, the next request ends it: this one is refused all the same."""
    with contextlib.suppress(HostTransactionOpen), state().house.write() as unit:
        end_sessions(unit, "protection", unit.tables["sessions"].c.id == record.id)


def _current() -> Identity | None:
    return identify() if has_request_context() else None


current_identity: Identity | None = cast("Identity | None", LocalProxy(_current, unbound_message="no request"))
"""The identity of the running request; falsy and equal to None for nobody."""
