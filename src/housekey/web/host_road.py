"""Where Flask-Login's `login_user`, `logout_user` and `confirm_login` meet the road."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, current_app, g
from werkzeug.local import LocalProxy

from housekey import login
from housekey.errors import ConfigurationError
from housekey.kernel import tokens
from housekey.login.attempt import Outcome, Parked, Purpose
from housekey.store.recognition import key_of
from housekey.web import flask_session, identity, opening
from housekey.web.challenges import ChallengeRequired
from housekey.web.client import attempt_token, client, session_token
from housekey.web.cookies import DEVICE_MAX_AGE_S
from housekey.web.flask_session import Wishes
from housekey.web.here import asking, state


def open_session(user: Any, wishes: Wishes) -> None:
    """The host has checked this user: a proof like any other. Raises `ChallengeRequired` if more is asked first,
    `InvalidCredentials` if the account is disabled, `HostTransactionOpen`, and `ConfigurationError` for what is no
    saved user of this app."""
    user = user._get_current_object() if isinstance(user, LocalProxy) else user
    house, user_id = state().house, _key_of(user)
    house.store.refuse_if_host_wrote()  # before the user is looked for, who may not be committed yet
    checked = tuple(proof for proof in asking().checked if proof.user_id == user_id)
    outcome = login.vouch(
        house, client(), user_id, proofs=checked,
        fresh=wishes.fresh, remember=wishes.remember, lifetime_seconds=_lifetime(wishes) if wishes.remember else None,
    )  # fmt: skip
    _carry_out(outcome, user)


def _key_of(user: Any) -> Any:
    """A user of another model may bear the same number: it must not open this one's account."""
    model = state().house.store.user_model
    if not isinstance(user, model):
        raise ConfigurationError(f"login_user() takes a {model.__name__} of this app, not {type(user).__name__}.")
    user_id = key_of(user)
    if user_id is None:
        raise ConfigurationError("login_user(user): the user has no key yet. Call db.session.commit() first.")
    return user_id


def _lifetime(wishes: Wishes) -> int | None:
    """Seconds: `duration`, else Flask-Login's `REMEMBER_COOKIE_DURATION` if the host has set it. Browsers keep no
    cookie for longer than the bound."""
    wanted = wishes.seconds
    if wanted is None:
        wanted = current_app.config.get("REMEMBER_COOKIE_DURATION")
    if wanted is None:
        return None
    seconds = wanted.total_seconds() if isinstance(wanted, timedelta) else wanted
    return max(1, min(int(seconds), DEVICE_MAX_AGE_S))


def _carry_out(outcome: Outcome, user: Any) -> None:
    opening.carry_out(outcome, tell=False)
    if isinstance(outcome, Parked):
        raise ChallengeRequired(outcome)
    found = asking()
    if found.identity is None:  # somebody has ended it in this very moment
        return
    found.user = g._login_user = user
    flask_session.show_freshness(found.identity.is_fresh())


def confirmed(app: Flask, **about: Any) -> None:
    """`flask_login.confirm_login()`: the host has asked for the password again."""
    flask_session.take_out("_fresh", "_id")
    who = identity.identify()
    if who is None or who.session_id is None or asking().renewed:
        return
    step_up: dict[str, Any] = {"purpose": Purpose.STEP_UP, "session_id": who.session_id}
    user = asking().user
    _carry_out(login.vouch(state().house, client(), who.user_id, **step_up), user)


def end_session() -> None:
    """End the record behind this browser's token, and a login under way (flaw 38)."""
    house, token = state().house, session_token()
    login.drop(house, attempt_token())
    if token:
        with house.write() as unit:
            login.end_sessions(unit, "logout", unit.tables["sessions"].c.token == tokens.digest(token))
    opening.closed()
