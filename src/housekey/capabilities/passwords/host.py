"""`user.set_password(…)` and `user.check_password(…)` on the host's own user objects."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import current_app, has_request_context
from sqlalchemy.orm import object_session

from housekey import login
from housekey.capabilities.passwords import actions, former, legacy
from housekey.capabilities.passwords.events import PasswordChanged
from housekey.capabilities.passwords.profiles import PROFILES
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.capabilities.passwords.stored import store_hash, stored_hash
from housekey.errors import ConfigurationError, InvalidCredentials
from housekey.house import House
from housekey.kernel import clock
from housekey.kernel.secret import Secret
from housekey.store import devices, sessions, users
from housekey.store.recognition import key_of
from housekey.store.schema import Schema, schema_of
from housekey.store.user_model import Hooks
from housekey.web.client import client
from housekey.web.here import asking, state
from housekey.web.identity import identify

PENDING = "_housekey_pending_hash"


def install() -> None:
    """Fill in what `UserMixin` leaves open."""
    Hooks.set_password = set_password
    Hooks.check_password = check_password
    Hooks.inserting = legacy.inserting
    Hooks.inserted = inserted


def refuse_test_hashes(settings: PasswordSettings) -> None:
    """A profile for tests is guessed through in minutes: no site is served with it."""
    if PROFILES[settings.hash_profile].only_for_tests and not (current_app.testing or current_app.debug):
        raise ConfigurationError(
            f'HOUSEKEY_PASSWORDS_HASH_PROFILE = "{settings.hash_profile}" is for tests: leave it out, or set TESTING.'
        )


def set_password(user: Any, password: str) -> None:
    """For a new user the hash waits for the INSERT; for another it is written in the user's own session, and
    commits or rolls back with it."""
    house = state().house
    house.store.prepare()
    new = actions.hashed(house, Secret(password))
    session = object_session(user)
    if session is None or not sa.inspect(user).persistent:
        setattr(user, PENDING, new)
        return
    _replace(session, schema_of(type(user)), key_of(user), new)


def _replace(session: Any, schema: Schema, user_id: Any, new: str) -> None:
    """Other sessions end by the higher `security_version`; the one in which this happens goes on. No other browser
    stays known: whoever knew the old password may have made some, each of which has tries of its own."""
    session.flush()
    version = users.raise_security_version(session, schema, user_id)
    former.keep(session, schema, user_id, by="host")
    store_hash(session, schema, user_id, new)
    state().house.events.publish(PasswordChanged(user_id=user_id, by="host", at=clock.now()), session)
    kept, browser = _session_here(user_id), None
    if kept is not None:
        sessions.keep(session, schema, kept, version)
        browser = devices.known(session, schema, user_id, client().device_token)
    devices.forget(session, schema, user_id, browser)


def _session_here(user_id: Any) -> str | None:
    """The session of the running request, if it is this user's own."""
    identity = identify() if has_request_context() else None
    return identity.session_id if identity is not None and identity.user_id == user_id else None


def inserted(connection: sa.Connection, schema: Schema, user_id: Any, user: Any) -> None:
    """The row is there: its password follows, in the same transaction."""
    waiting = user.__dict__.pop(PENDING, None)
    if waiting is not None:
        store_hash(connection, schema, user_id, waiting)


def check_password(user: Any, password: str) -> bool:
    """In a request the try is counted like one on the login page, and a locked account refuses."""
    house, user_id = state().house, key_of(user)
    secret = Secret(password)
    if user_id is None:
        return actions.verify(house, actions.LOCAL, user.__dict__.get(PENDING), secret)
    if not has_request_context():
        return actions.verify(house, actions.LOCAL, stored_hash(house, user_id), secret)
    return _counted(house, user_id, secret)


def _counted(house: House, user_id: Any, password: Secret) -> bool:
    attempt = login.begin(house, client(), user_id=user_id)
    try:
        proved = login.prove(house, attempt, actions.METHOD, actions.Checking(house, password))
    except InvalidCredentials:
        return False
    login.uncount(house, attempt, actions.METHOD)  # it was no failure; a login that follows clears the rest
    asking().checked += proved.proofs
    return True
