"""Flask-Login's manager over Housekey's sessions: what its tutorials teach goes on working.

Each override says what of Flask-Login it replaces, and why.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import flask_login
from flask import Flask, current_app, g, request, session
from flask_login import signals

from housekey import login
from housekey.errors import ConfigurationError, InvalidCredentials, NotLoggedIn, ReauthenticationRequired
from housekey.login.settings import SessionSettings
from housekey.store import users
from housekey.store.recognition import key_of
from housekey.store.user_model import AnonymousUserMixin
from housekey.web import (
    bridge,
    challenges,
    flask_session,
    host_road,
    identity,
    interrupted,
    opening,
    planted,
    turning_away,
    whose,
)
from housekey.web.client import client
from housekey.web.here import EXTENSION, Asking, asking, state
from housekey.web.problems import problem, wants_json


class LoginManager(flask_login.LoginManager):  # type: ignore[misc]
    """`Housekey(app).login_manager`; also found as `app.login_manager`, where Flask-Login looks."""

    def __init__(self, init_app: Callable[[Flask], None] | None = None) -> None:
        """`init_app` wires the whole of Housekey into an app."""
        super().__init__()
        self._init_housekey = init_app
        self._protection_of_host: tuple[str | None, ...] = ()
        self.anonymous_user = AnonymousUserMixin
        self.login_view = "housekey.login"
        self.refresh_view = "housekey.reauthenticate"
        self.needs_refresh_message = ReauthenticationRequired.text  # in our voice, until the host says its own

    def init_app(self, app: Flask, add_context_processor: bool = True) -> None:
        """As tutorials call it: the same as `accounts.init_app(app)`, and nothing if that was called already.

        Instead of super: no after_request that reads Flask's session on every page (it would add `Vary: Cookie` to
        public ones), no context processor that loads a user whom the template doesn't ask for.
        """
        if EXTENSION not in app.extensions and self._init_housekey is not None:
            self._init_housekey(app)
        elif getattr(app, "login_manager", None) is not self:
            self._attach(app, add_context_processor)

    def _attach(self, app: Flask, add_context_processor: bool) -> None:
        app.login_manager = self  # type: ignore[attr-defined]
        signals.user_login_confirmed.connect(host_road.confirmed, app)
        whose.install(app)
        if add_context_processor:
            app.context_processor(lambda: {"current_user": flask_login.current_user})

    def check(self, app: Flask) -> None:
        """Before the first request. Raises `ConfigurationError` if another manager has taken this one's place."""
        if app.login_manager is not self:  # type: ignore[attr-defined]
            raise ConfigurationError(
                "app.login_manager isn't Housekey's: it was replaced by another LoginManager, whose sessions can't be "
                "ended. Take it from Housekey instead: login_manager = Housekey(app, …).login_manager."
            )

    def token_loader(self, *args: Any, **kwargs: Any) -> Any:
        """Gone from Flask-Login since 0.5."""
        raise ConfigurationError(
            "token_loader is gone from Flask-Login too. Remove it: Housekey's remember-me needs no loader. "
            "For tokens of an API, use @login_manager.request_loader."
        )

    # Who is asking

    def _load_user(self) -> None:
        """`current_user` on first use."""
        signals.user_accessed.send(current_app._get_current_object())  # type: ignore[attr-defined]
        found = asking()
        found.asked = True
        if not found.judged:
            self.recognise(found, with_user=True)
        elif found.user is None:
            state().user_endpoints.add(request.endpoint)
        if found.identity is not None and found.user is None:
            self._take_user(found, state().recogniser.load(found.identity.user_id))
        g._login_user = self.anonymous_user() if found.identity is None else found.user

    def recognise(self, found: Asking, *, with_user: bool) -> None:
        """Ask each recogniser in order; the first that knows answers."""
        found.judged = True
        if not self._by_authorization(found):
            self._by_cookie(found, with_user or request.endpoint in state().user_endpoints)
            if found.identity is None and state().bridge_until is not None:
                bridge.cross(found)
            if found.identity is None and planted.believed and current_app.testing:
                self._by_planted_session(found)
            if found.identity is None and "Authorization" not in request.headers:
                self._by_request_loader(found)
        flask_session.show_freshness(found.identity is not None and found.identity.is_fresh())

    def _by_authorization(self, found: Asking) -> bool:
        """An `Authorization` header is judged alone, not together with a cookie; Basic may be a proxy's own and
        passes on. Where no loader knows such headers, they are not ours."""
        if self._request_callback is None or "Authorization" not in request.headers:
            return False
        self._by_request_loader(found)
        return found.identity is not None or not identity.is_basic(request)

    def _by_cookie(self, found: Asking, with_user: bool) -> None:
        """With a host's `user_loader` always with the user, since the loader may say None: then nobody is there.
        A loader that asks `db.session.get` finds the user that is loaded already."""
        identity.from_cookie(found, with_user=with_user or self._user_callback is not None)
        if found.user is not None:
            self._take_user(found, found.user)

    def _take_user(self, found: Asking, user: Any) -> None:
        """The host's `user_loader`, if there is one, is given what the user's own `get_id` gives."""
        if user is not None and self._user_callback is not None:
            user = self._user_callback(getattr(user, self.id_attribute)())
        found.user = user
        if user is None:
            found.identity = found.record = None

    def _by_request_loader(self, found: Asking) -> None:
        """A user whom the host's `request_loader` names is let in as long as the account isn't disabled (flaw 50)."""
        user = self._load_user_from_request(request) if self._request_callback is not None else None
        g.pop("_login_user", None)  # the loader may have asked for current_user, who was nobody yet
        if user is None:
            return
        house, facts = state().house, None
        if isinstance(user, house.store.user_model):
            with house.read() as connection:
                facts = users.by_id(connection, house.store.schema, key_of(user))
        if facts is None or not facts.is_shut:
            name = facts.name if facts else str(getattr(user, "name", None) or user.get_id())
            found.user, found.identity = user, identity.Identity(house, facts.id if facts else None, name)

    def _by_planted_session(self, found: Asking) -> None:
        """FlaskLoginClient's way to log a test in."""
        if flask_session.is_missing() or "_user_id" not in session:
            return
        text, fresh = str(session["_user_id"]), bool(session.get("_fresh", False))
        flask_session.take_out(*flask_session.FLASK_LOGIN_KEYS)
        user = self._user_callback(text) if self._user_callback is not None else None
        user_id = state().house.store.parse_key(text) if user is None else key_of(user)
        with contextlib.suppress(InvalidCredentials):  # a user who isn't there, or is disabled: nobody
            opening.carry_out(login.vouch(state().house, client(), user_id, fresh=fresh), tell=False)

    # flask_login.login_user(user) and logout_user() end here

    def _update_request_context_with_user(self, user: Any = None) -> None:
        """Instead of believing the cookie session: walk the road, or end the record."""
        wishes = flask_session.take_wishes()
        if user is None:
            host_road.end_session()
        else:
            host_road.open_session(user, wishes)

    # What happens to those who may not

    def unauthorized(self) -> Any:
        """As Flask-Login does; problem details for programs, and for those whose `Authorization` didn't help."""
        signals.user_unauthorized.send(current_app._get_current_object())  # type: ignore[attr-defined]
        if self.unauthorized_callback is not None:
            return self.unauthorized_callback()
        if wants_json(request) or self._refused_authorization():
            return problem(NotLoggedIn())
        parked = asking().parked
        if parked is not None:  # an old cookie of Flask-Login's, and more is asked of its bearer
            return challenges.way_on(parked)
        view = self.blueprint_login_views.get(request.blueprint, self.login_view)
        return turning_away.send_to(self, view, self.login_message, self.login_message_category)

    def _refused_authorization(self) -> bool:
        has_header = "Authorization" in request.headers and not identity.is_basic(request)
        return has_header and self._request_callback is not None

    def needs_refresh(self, error: ReauthenticationRequired | None = None) -> Any:
        """The same for those who must prove again who they are; `error` says how."""
        signals.user_needs_refresh.send(current_app._get_current_object())  # type: ignore[attr-defined]
        if self.needs_refresh_callback is not None:
            return self.needs_refresh_callback()
        if wants_json(request):
            return problem(error or ReauthenticationRequired())
        message, category = self.needs_refresh_message, self.needs_refresh_message_category
        return turning_away.send_to(self, self.refresh_view, message, category, kept_form=interrupted.kept_path())

    # Session protection

    @property
    def session_protection(self) -> str | None:
        """What the host has set on the manager; until then `HOUSEKEY_SESSIONS_PROTECTION` counts."""
        return self._protection_of_host[0] if self._protection_of_host else "basic"

    @session_protection.setter
    def session_protection(self, mode: str | None) -> None:
        self._protection_of_host = (mode,)

    def protection(self) -> str | None:
        """`SESSION_PROTECTION` in the config, else what the host set on the manager, else our setting."""
        if "SESSION_PROTECTION" in current_app.config:
            mode = current_app.config["SESSION_PROTECTION"]
        elif self._protection_of_host:
            mode = self.session_protection
        else:
            mode = state().house.settings[SessionSettings].protection
        return mode if mode in (identity.STRONG, identity.BASIC) else None

    def report_protection(self) -> None:
        signals.session_protected.send(current_app._get_current_object())  # type: ignore[attr-defined]


def log_out() -> None:
    """End the session behind this browser's token, and all that hangs on it; with Flask-Login's signal."""
    flask_login.logout_user()
