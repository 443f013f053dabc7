"""Whoever owes a second factor adds the first one after a mailed code, in a session as inside a login."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attacks.faces import ANN
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.authenticators import API, Authenticator, add, added
from rig.mailed import code_in
from rig.owing import SETTING, asked_for
from rig.people import house_of
from rig.phones import with_phone

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
GRACE = {SETTING: "everybody", "HOUSEKEY_FACTORS_GRACE": timedelta(days=1)}


@pytest.fixture
def app():
    app = small_app()
    registered(app)
    asked_for(app, **GRACE)
    return app


def logged_in(app):
    client = app.test_client()
    assert log_in(client).status_code == 200
    return client


def refused(answer):
    return (answer.status_code, answer.json["code"]) == (403, "mailed_code_needed")


@pytest.mark.flaw(30)
def test_in_the_time_of_grace_a_stolen_password_binds_no_phone(app):
    client = logged_in(app)
    assert refused(client.post(API + "totp"))
    assert refused(client.post(API + "passkeys/options"))
    assert refused(client.post(API + "passkeys", json={"credential": {}}))
    assert client.post("/account/totp", headers=OURS).location == "/account/factors/code"
    assert client.get("/account/passkeys/new", headers=OURS).location == "/account/factors/code"


def test_after_the_code_it_is_added(app):
    client = logged_in(app)
    assert client.post(API + "factors/code").status_code == 204
    wrong = client.post(API + "factors/code/confirm", json={"code": "AAAA-AAAA"})
    assert (wrong.status_code, list(wrong.json["fields"])) == (422, ["code"])
    assert refused(client.post(API + "totp"))
    done = client.post(API + "factors/code/confirm", json={"code": code_in(app, ANN)})
    assert (done.status_code, done.json["session"]["aal"]) == (200, 1), "a mailbox is no factor"
    added(client, Authenticator())
    assert client.post(API + "factors/code").status_code == 401, "which asks for the factor now"


def test_the_pages_do_the_same(app):
    client = logged_in(app)
    assert "Send the mail" in client.get("/account/factors/code").text
    sent = client.post("/account/factors/code", headers=OURS)
    assert sent.location == "/account/factors/code/confirm"
    assert "Code from the mail" in client.get(sent.location).text
    wrong = client.post(sent.location, data={"code": "AAAA-AAAA"}, headers=OURS)
    assert (wrong.status_code, "isn&#39;t right" in wrong.text) == (422, True)
    done = client.post(sent.location, data={"code": code_in(app, ANN)}, headers=OURS)
    assert done.location == "/account/factors"
    with_phone(client)


@pytest.mark.flaw(59)
@pytest.mark.asvs("6.6.2")
def test_the_code_works_in_its_own_session_alone(app):
    owner, thief = logged_in(app), logged_in(app)
    owner.post(API + "factors/code")
    body = {"code": code_in(app, ANN)}
    assert thief.post(API + "factors/code/confirm", json=body).status_code == 422
    assert refused(thief.post(API + "totp"))
    assert owner.post(API + "factors/code/confirm", json=body).status_code == 200
    assert owner.post(API + "factors/code/confirm", json=body).status_code == 422


def test_nobody_else_is_asked(app):
    for settings in ({SETTING: "nobody"}, {SETTING: lambda user: False}):
        asked_for(app, **settings)
        assert logged_in(app).post(API + "totp").status_code == 201
    asked_for(app, **GRACE)
    house_of(app).trying_out = lambda: False  # so that nothing is mailed
    assert add(logged_in(app), Authenticator()).status_code == 201


def test_whoever_has_just_made_the_account_by_a_mail_reads_no_second_one():
    app = small_app(**GRACE, HOUSEKEY_REGISTRATION_VERIFICATION="required")
    client = app.test_client()
    client.post(API + "register", json={"email": ANN, "password": PASSWORD})
    client.post(API + "register/confirm", json={"code": code_in(app, ANN)})
    assert client.post(API + "totp").status_code == 201
