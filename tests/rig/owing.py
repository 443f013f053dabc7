"""Sites that ask people for a second factor, and logins that wait for it to be set up."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from housekey.capabilities.factors.settings import FactorSettings
from rig.authenticators import API, Authenticator
from rig.mailed import code_in
from rig.people import house_of
from rig.phones import answer

SETTING = "HOUSEKEY_FACTORS_REQUIRED_FOR"


def asked_for(app: Flask, **settings: Any) -> None:
    """The rule begins now: `asked_for(app, HOUSEKEY_FACTORS_REQUIRED_FOR="everybody")`."""
    house_of(app).settings._groups[FactorSettings] = FactorSettings(
        **{key.removeprefix("HOUSEKEY_FACTORS_").lower(): value for key, value in settings.items()}
    )


def step(client: FlaskClient) -> Any:
    """What the login in this browser waits for, to set up a factor."""
    asked = client.get(API + "login/challenge")
    assert asked.status_code == 200, asked.text
    found: Any = asked.json
    assert found["challenge"]["type"] == "enrol_factor"
    return found["challenge"]["details"]


def reads_the_mail(app: Flask, client: FlaskClient, email: str = "ann@example.test") -> Any:
    """The mailed code is given; what can be set up."""
    assert answer(client, code_in(app, email), "email").status_code == 202
    return step(client)["methods"]


def made(client: FlaskClient, key: Authenticator) -> Any:
    """A passkey, made for the login that waits for one; nothing is sent yet."""
    options = client.post(API + "login/challenge/passkey/options")
    assert options.status_code == 200, options.text
    return key.create(options.get_json())


def set_up(client: FlaskClient, key: Authenticator, **more: Any) -> Any:
    """The same, sent."""
    body = {"method": "passkey", "credential": made(client, key), **more}
    return client.post(API + "login/challenge", json=body)
