"""Settings for tests: quick, and without a real secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask

from housekey.capabilities.passwords import start as make_vault
from housekey.testing.client import HousekeyClient
from housekey.web.here import EXTENSION

SETTINGS: Mapping[str, Any] = {
    "TESTING": True,
    "SECRET_KEY": "known to everybody who reads the tests of this app",
    "HOUSEKEY_PASSWORDS_HASH_PROFILE": "cheap",
    "HOUSEKEY_LOGIN_REFUSAL_TIME": 0,
    "HOUSEKEY_REGISTRATION_ALLOW_TEST_ADDRESSES": True,
    "HOUSEKEY_MAIL_TRANSPORT": "mailbox",
}
"""For `app.config`, before `Housekey(app)` reads it: hashes in 0.1 ms instead of 50, refusals without a delay,
addresses such as ann@example.test, mails that nobody gets but `housekey_mailbox`."""


def configure(app: Flask, **config: Any) -> Flask:
    """Prepare an app for tests: `SETTINGS` and `config` into its config, `HousekeyClient` as its test client.

        app = configure(Flask(__name__), SQLALCHEMY_DATABASE_URI="sqlite://")

    Best before `Housekey(app)`. An app that exists already, because it is made when its module is imported, takes
    the settings over; its database and its cookies' names stay as they are. Answers the app.
    """
    keep = {"SECRET_KEY"} if app.secret_key else set()
    app.config.update({key: value for key, value in SETTINGS.items() if key not in keep} | config)
    app.test_client_class = HousekeyClient
    if EXTENSION in app.extensions:
        _take_over(app)
    return app


def _take_over(app: Flask) -> None:
    current = app.extensions[EXTENSION]
    current.house.settings = current.declared._load_settings(app)
    make_vault(current.house)
