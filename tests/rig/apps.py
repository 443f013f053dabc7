"""A small real app with Housekey alone, for tests that need one and don't care which."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from housekey import Housekey, current_identity, login_required
from housekey.capability import Capability
from rig.sharing import in_common, keep_empty

PASSWORD = "correct horse battery staple"
QUICK: dict[str, Any] = {
    "TESTING": True,
    "HOUSEKEY_PASSWORDS_HASH_PROFILE": "cheap",
    # Many threads of one address are no attack here; what a full pool answers is promised in tests of its own.
    "HOUSEKEY_PASSWORDS_POOL_PER_NETWORK": 64,
    "HOUSEKEY_PASSWORDS_POOL_WAIT": 30,
    "HOUSEKEY_LOGIN_REFUSAL_TIME": 0,
    "HOUSEKEY_REGISTRATION_ALLOW_TEST_ADDRESSES": True,
    "HOUSEKEY_REGISTRATION_VERIFICATION": "off",
    "HOUSEKEY_THROTTLING_NETWORK_REQUESTS": 10_000,
}


def small_app(
    url: str = "sqlite://", capabilities: Sequence[Capability] = (), *, own_models: bool = False, **settings: Any
) -> Flask:
    """An app on the database at `url`; `app.accounts` is its Housekey. `/private` shows the name of who is there.
    `own_models`: the test adds models of its own to `app.accounts.Base`."""
    app = Flask("small", instance_path=tempfile.gettempdir())
    app.secret_key = secrets.token_hex(32)
    app.config.update(QUICK | {"SQLALCHEMY_DATABASE_URI": url} | settings)
    with nullcontext() if own_models else in_common():
        app.accounts = accounts = Housekey(app, capabilities=capabilities)  # type: ignore[attr-defined]
    if not own_models:
        keep_empty(accounts._houses[0].store.engine)

    @app.get("/private")
    @login_required
    def private() -> str:
        assert current_identity is not None
        return current_identity.name

    return app


def filled(url: str) -> None:
    """Its tables in the database at `url`: made once for each kind of database, and copied for each test."""
    small_app(url)


def registered(app: Flask, email: str = "ann@example.test", **more: Any) -> FlaskClient:
    """A browser whose user has just registered."""
    client = app.test_client()
    answer = client.post("/account/api/register", json={"email": email, "password": PASSWORD, **more})
    assert answer.status_code == 201, answer.text
    return client


def log_in(client: FlaskClient, identifier: str = "ann@example.test", password: str = PASSWORD, **more: Any) -> Any:
    """One try by JSON."""
    return client.post("/account/api/login", json={"identifier": identifier, "password": password, **more})
