"""Nobody is asked for a level that one's own proofs don't reach; whoever can reach it is asked for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from housekey import require_aal
from housekey.kernel import clock
from rig.apps import PASSWORD, log_in, small_app
from rig.authenticators import API, Authenticator, added, answer_with, log_in_with, register_with
from rig.mailed import code_in
from rig.phones import with_phone

ANN = "ann@example.test"
OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def key():
    return Authenticator(verifies=False, transports=("usb",))


def ready(app, key, *, phone=True):
    """A browser in which Ann, who has no password, has just logged in by her key alone."""
    app.add_url_rule("/two", view_func=require_aal(2)(lambda: "in"))
    client = app.test_client()
    assert register_with(client, key).status_code == 201
    if phone:
        with_phone(client)
    client = app.test_client()
    opened = log_in_with(client, key)
    assert (opened.status_code, opened.json["session"]["aal"]) == (200, 1)
    return client


def test_a_key_without_a_pin_and_an_app_are_one_factor_and_no_more_is_asked(database_url, key):
    client = ready(small_app(database_url), key)
    told = client.get("/two", headers={"Accept": "application/json"})
    assert (told.status_code, told.json["code"]) == (403, "second_factor_missing")
    added(client, Authenticator(), name="Laptop")
    assert client.get("/account/factors").status_code == 200


def test_on_the_pages_nobody_goes_round_in_a_circle(key):
    client = ready(small_app(), key)
    assert client.get("/two", headers=OURS).location.startswith("/account/factors")
    begun = client.post("/account/totp", headers=OURS)
    assert "/account/totp/" in begun.location, "and not the page that confirms who one is"
    assert client.get("/account/password/first", headers=OURS).status_code == 200


def test_with_a_password_beside_them_both_are_asked_for(key):
    app = small_app()
    client = ready(app, key)
    assert client.post(API + "password/first", json={"new": PASSWORD}).status_code == 204
    by_both = app.test_client()
    log_in(by_both)
    assert answer_with(by_both, key).json["session"]["aal"] == 2
    told = client.get("/two", headers={"Accept": "application/json"})
    assert told.status_code == 401, "other sessions have ended"


@pytest.mark.flaw(33)
def test_where_people_log_in_by_mail_a_key_is_the_second_step_after_one(time, key):
    app = small_app(HOUSEKEY_MAILED_LOGIN_OPEN=True)
    client = ready(app, key, phone=False)
    time.forward(timedelta(minutes=16))
    told = client.get("/two", headers={"Accept": "application/json"})
    assert (told.status_code, told.json["methods"]) == (401, ["email", "passkey"])
    by_key_alone(client, key)
    refused = client.post(API + "passkeys/options")
    assert (refused.status_code, refused.json["acr_values"]) == (401, "aal2"), "a stolen key adds none"
    assert refused.json["methods"] == ["email", "passkey"], "and its owner is told the way"
    time.forward(timedelta(minutes=16))
    assert client.post(API + "reauthenticate/mail/send").status_code == 202
    asked = client.post(API + "reauthenticate/mail", json={"code": code_in(app, ANN)})
    assert (asked.status_code, asked.json["challenge"]["details"]["methods"][0]) == (202, "passkey")
    assert answer_with(client, key).json["session"]["aal"] == 2
    assert client.get("/two").text == "in"
    added(client, Authenticator(), name="Laptop")


def by_key_alone(client, key):
    options = client.post(API + "reauthenticate/passkey/options").json
    done = client.post(API + "reauthenticate/passkey", json={"credential": key.get(options)})
    assert (done.status_code, done.json["session"]["aal"]) == (200, 1)
