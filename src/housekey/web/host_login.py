"""Flask-Login's functions for hosts, where Flask-Login's own can't be quite right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import flask_login
from flask_login import confirm_login

from housekey.errors import InvalidCredentials
from housekey.web.here import asking
from housekey.web.identity import identify


def login_user(
    user: Any, remember: bool = False, duration: timedelta | None = None, force: bool = False, fresh: bool = True
) -> bool:
    """Log a user in whom the host has checked. False if `user.is_active` is (`force` overrides that), or if the
    account is disabled (nothing overrides that).

    `remember` keeps the session when the browser is closed, for `duration` or, by default, for
    `HOUSEKEY_SESSIONS_REMEMBER_ABSOLUTE`. `fresh=False`: the person hasn't proved just now who they are.

    If more is asked first (a second factor, say), this doesn't return: the request ends with the way to that
    challenge, and nobody is logged in yet. Raises `HostTransactionOpen` if `db.session` has uncommitted changes.
    """
    try:
        done: bool = flask_login.login_user(user, remember=remember, duration=duration, force=force, fresh=fresh)
    except InvalidCredentials:  # forced, or disabled by somebody else in this moment
        return False
    return done


def login_fresh() -> bool:
    """Whether the person proved recently who they are; right also before `current_user` was used."""
    identity = identify()
    return identity is not None and identity.is_fresh()


def login_remembered() -> bool:
    """Whether this session outlives the browser."""
    identify()
    record = asking().record
    return record is not None and record.remember


__all__ = ["confirm_login", "login_fresh", "login_remembered", "login_user"]
