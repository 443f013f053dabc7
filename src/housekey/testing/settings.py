"""Settings for tests: quick, and without a real secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import Flask

from housekey.capabilities.passwords import start as make_vault
from housekey.errors import ConfigurationError
from housekey.house import House
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

IN_USE = (
    "people have accounts in this database, and tests would add users whose password everybody knows. Name another "
    'one before the app is imported, at the top of conftest.py: os.environ["FLASK_SQLALCHEMY_DATABASE_URI"] = "sqlite://"'
)


def configure(app: Flask, **config: Any) -> Flask:
    """Prepare an app for tests: `SETTINGS` and `config` into its config, `HousekeyClient` as its test client.

        app = configure(Flask(__name__), SQLALCHEMY_DATABASE_URI="sqlite://")

    Best before `Housekey(app)`. An app that exists already, because it is made when its module is imported, takes
    the settings over; its database and its cookies' names stay as they are. Answers the app. Raises
    `ConfigurationError` where that database is the one in the instance folder, and people have accounts in it.
    """
    keep = {"SECRET_KEY"} if app.secret_key else set()
    app.config.update({key: value for key, value in SETTINGS.items() if key not in keep} | config)
    app.test_client_class = HousekeyClient
    if EXTENSION in app.extensions:
        _take_over(app)
    return app


def _take_over(app: Flask) -> None:
    current = app.extensions[EXTENSION]
    _refuse_where_people_are(app, current.house)
    current.house.settings = current.declared._load_settings(app)
    make_vault(current.house)


def _refuse_where_people_are(app: Flask, house: House) -> None:
    """Users of tests have a password that everybody knows, administrators too: never among those of a site. Only of the
    file that nobody has named it is certain that it wasn't meant for tests."""
    if app.config.get("SQLALCHEMY_DATABASE_URI") or not house.store.database.own:
        return
    accounts = house.store.tables["accounts"]
    with app.app_context(), house.read() as connection:
        there = sa.inspect(connection).has_table(accounts.name)
        if there and connection.scalar(sa.select(sa.exists().select_from(accounts))):
            raise ConfigurationError(f"{house.store.engine.url.database}: {IN_USE}")
