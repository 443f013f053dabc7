"""A passkey as the factor that is set up inside a login."""

from __future__ import annotations

import json

import pytest

from attacks.faces import ANN, rows
from rig.apps import log_in, registered, small_app
from rig.authenticators import API, Authenticator, added, log_in_with
from rig.mailed import code_in
from rig.owing import SETTING, asked_for, made, reads_the_mail, set_up
from rig.phones import answer
from rig.threads import together


@pytest.fixture
def app():
    return ready(small_app())


@pytest.fixture
def key():
    return Authenticator()


def ready(app):
    """Ann has an account from before the rule."""
    registered(app)
    asked_for(app, **{SETTING: "everybody"})
    return app


def at_the_key(app):
    client = app.test_client()
    assert log_in(client).status_code == 202
    assert reads_the_mail(app, client) == ["passkey", "otp"]
    return client


def is_in(client):
    return client.get("/private").status_code == 200


def send(client, credential):
    return client.post(API + "login/challenge", json={"method": "passkey", "credential": credential})


@pytest.mark.flaw(30, 33)
def test_it_is_set_up_with_no_session_before(database_url, key):
    app = ready(small_app(database_url))
    before = rows(app, "sessions")
    client = at_the_key(app)
    credential = made(client, key)
    assert (rows(app, "sessions"), rows(app, "passkeys")) == (before, 0)
    opened = client.post(API + "login/challenge", json={"method": "passkey", "credential": credential, "name": "Mine"})
    assert opened.status_code == 200, opened.text
    assert len(opened.json["recovery_codes"]) == 10
    assert (opened.json["session"]["amr"], opened.json["session"]["aal"]) == (["pwd", "email", "passkey", "mfa"], 2)
    assert client.get(API + "factors").json["factors"][0]["name"] == "Mine"
    assert log_in_with(app.test_client(), key).status_code == 200
    assert log_in(app.test_client()).json["challenge"]["details"]["methods"] == ["passkey", "recovery_code"]


def test_the_pages_do_the_same(app, key):
    client = app.test_client()
    ours = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    log_in(client)
    here = "/account/login/challenge"
    client.post(here, data={"method": "email", "code": code_in(app, ANN)}, headers=ours)
    page = client.get(here).text
    assert 'data-hk-passkey="create" data-hk-url="/account/api/login/challenge/passkey/options"' in page
    assert "Set up an authenticator app" in page
    wrong = client.post(here, data={"method": "passkey", "credential": "{}"}, headers=ours)
    assert (wrong.status_code, "couldn&#39;t be added" in wrong.text) == (422, True)
    done = client.post(here, data={"method": "passkey", "credential": json.dumps(made(client, key))}, headers=ours)
    assert (done.status_code, "Keep your recovery codes" in done.text) == (200, True)
    assert is_in(client)


@pytest.mark.flaw(36, 59)
def test_what_was_made_for_another_login_is_worthless(app, key):
    client, other = at_the_key(app), at_the_key(app)
    credential = made(other, key)
    assert send(client, credential).status_code == 422
    assert not is_in(client)
    assert send(other, credential).status_code == 200
    assert not is_in(client)


@pytest.mark.flaw(33)
def test_before_the_mailed_code_there_is_nothing_to_make_one_with(app, key):
    client = app.test_client()
    log_in(client)
    assert client.post(API + "login/challenge/passkey/options").status_code == 422
    assert app.test_client().post(API + "login/challenge/passkey/options").status_code == 401
    assert client.post(API + "passkeys/options").status_code == 401


@pytest.mark.flaw(45)
@pytest.mark.parametrize("odd", [None, {}, {"id": "x"}, {"response": []}], ids=["none", "empty", "id", "list"])
def test_odd_credentials_are_refused(app, odd):
    client = at_the_key(app)
    refused = client.post(API + "login/challenge", json={"method": "passkey", "credential": odd})
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["credential"])
    assert rows(app, "passkeys", "spent_challenges") == 0


def test_somebody_elses_passkey_is_not_taken_over(app, key):
    asked_for(app, **{SETTING: "nobody"})
    added(registered(app, "bob@example.test"), key)
    asked_for(app, **{SETTING: "everybody"})
    client = at_the_key(app)
    assert set_up(client, key).status_code == 422
    assert not is_in(client)
    assert rows(app, "passkeys") == 1


@pytest.mark.flaw(32)
@pytest.mark.asvs("15.4.2")
def test_of_two_who_send_one_in_the_same_moment_one_gets_in(database_url, key):
    app = ready(small_app(database_url))
    client = at_the_key(app)
    credential, name = made(client, key), app.extensions["housekey"].cookies.attempt
    both = [app.test_client() for _ in range(2)]
    for browser in both:
        browser.set_cookie(name, client.get_cookie(name).value)
    codes = sorted(together(2, lambda n: send(both[n], credential).status_code))
    assert codes[0] == 200
    assert codes[1] in (401, 422)
    assert sorted(map(is_in, both)) == [False, True]
    assert rows(app, "passkeys") == 1


def test_where_passkeys_are_switched_off_the_app_is_all_there_is():
    app = ready(small_app(HOUSEKEY_PASSKEYS_OPEN=False))
    client = app.test_client()
    log_in(client)
    assert reads_the_mail(app, client) == ["otp"]
    assert client.post(API + "login/challenge/passkey/options").status_code == 403
    assert answer(client, "000000", "passkey").status_code == 422
