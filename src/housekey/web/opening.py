"""From an outcome of the road to the browser: cookies, and the state of the running request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask_login
from flask import current_app, g
from flask_login import signals

from housekey.login.attempt import Complete, Outcome, Parked
from housekey.login.settings import LoginSettings
from housekey.web import flask_session, old_cookies, session_owner
from housekey.web.client import session_token
from housekey.web.cookies import DEVICE_MAX_AGE_S
from housekey.web.here import asking, state
from housekey.web.identity import Identity


def carry_out(outcome: Outcome, *, tell: bool = True) -> None:
    """Make this request, and its answer, know of the outcome. `tell`: send Flask-Login's `user_logged_in`, or
    `user_login_confirmed` for somebody who was logged in and has proved it again."""
    if isinstance(outcome, Parked):
        _parked(outcome)
        return
    former = asking().record
    _opened(outcome)
    is_login = former is None or former.id != outcome.session_id
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if tell and not is_login:
        asking().renewed = True
        signals.user_login_confirmed.send(app)
    elif tell and signals.user_logged_in.has_receivers_for(app):
        signals.user_logged_in.send(app, user=flask_login.current_user._get_current_object())


def _opened(outcome: Complete) -> None:
    current, found = state(), asking()
    _leave_nothing_of_another_user(outcome)
    found.cookies[current.cookies.session] = (outcome.token, outcome.max_age if outcome.remember else None)
    found.cookies[current.cookies.device] = (outcome.device_token, DEVICE_MAX_AGE_S)
    found.cookies[current.cookies.attempt] = None
    if outcome.trust is not None:
        found.cookies[current.cookies.trust] = (outcome.trust.token, outcome.trust.seconds)
    current.csrf.forget()
    found.client, found.asked, found.judged = None, True, True
    found.record, found.user = current.recogniser.facts_of(outcome.token), None
    found.identity = None
    if found.record is not None:  # else somebody has ended it in this very moment
        found.identity = Identity(current.house, outcome.user.id, outcome.user.name, found.record)
    g.pop("_login_user", None)


def _parked(outcome: Parked) -> None:
    """A login that waits has ended the session that was here before, a step-up hasn't: who asks next in this
    request is told by the database."""
    current, found = state(), asking()
    lifetime = current.house.settings[LoginSettings].attempt_lifetime
    found.cookies[current.cookies.attempt] = (outcome.token, int(lifetime.total_seconds()))
    found.asked, found.judged = True, False
    found.client = found.record = found.identity = found.user = None
    g.pop("_login_user", None)


def _leave_nothing_of_another_user(outcome: Complete) -> None:
    """What the former user of this browser left in Flask's session is not the next one's (flaw 3). A token that
    nobody knows any more may have been anybody's."""
    old_cookies.spend_and_leave(outcome.user.id)
    flask_session.forget_form_token()
    if session_owner.is_anothers(outcome.user.id) or _was_anothers_browser(outcome.user.id):
        flask_session.clear()


def _was_anothers_browser(user_id: Any) -> bool:
    known, token = asking().identity, session_token()
    if known is not None:
        return bool(known.user_id != user_id)
    return token is not None and bool(state().recogniser.user_of_token(token) != user_id)


def closed() -> None:
    """Nobody is logged in here any more. A mailed link that was opened here goes, too: it may choose a new password,
    and the next one at this browser may be anybody (flaw 38)."""
    current, found = state(), asking()
    found.asked = found.judged = found.logged_out = True
    found.client = found.record = found.identity = found.user = None
    found.cookies[current.cookies.session] = None
    found.cookies[current.cookies.attempt] = None
    found.cookies[current.cookies.link] = None
    current.csrf.forget()
    old_cookies.spend_and_leave()
    flask_session.clear()
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]


def describe(outcome: Outcome) -> Mapping[str, Any]:
    """A challenge as JSON shows it."""
    if isinstance(outcome, Parked):
        return {"type": outcome.challenge.type, **outcome.challenge.details}
    return {}
