"""An account with a passkey and no password."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from housekey.capabilities.passwords.stored import stored_hash
from rig.apps import PASSWORD, registered, small_app
from rig.authenticators import API, Authenticator, log_in_with, register_with
from rig.mailed import token_in
from rig.people import house_of, id_of

ANN = "ann@example.test"


@pytest.fixture
def key():
    return Authenticator()


def passkeys(app):
    house = house_of(app)
    with house.read() as connection:
        return connection.execute(select(house.store.tables["passkeys"])).all()


def test_the_account_is_there_at_once_where_no_mail_is_asked_for(database_url, key):
    app = small_app(database_url)
    client = app.test_client()
    made = register_with(client, key, name="Ann")
    assert made.status_code == 201, made.text
    assert (made.json["session"]["amr"], made.json["session"]["aal"]) == (["passkey", "mfa"], 2)
    assert stored_hash(house_of(app), id_of(app, ANN)) is None
    assert log_in_with(app.test_client(), key).status_code == 200


def test_a_key_without_a_pin_makes_an_account_of_one_factor(key):
    app, key.verifies = small_app(), False
    made = register_with(app.test_client(), key)
    assert (made.status_code, made.json["session"]["aal"]) == (201, 1)
    assert log_in_with(app.test_client(), key).status_code == 200


@pytest.fixture
def careful():
    return small_app(HOUSEKEY_REGISTRATION_VERIFICATION="required")


def test_until_the_mail_is_read_there_is_no_account_and_the_passkey_opens_nothing(careful, key):
    client = careful.test_client()
    asked = register_with(client, key)
    assert (asked.status_code, asked.json["challenge"]["type"]) == (202, "email_verification")
    assert passkeys(careful) == []
    assert log_in_with(careful.test_client(), key).status_code == 401
    confirmed = client.post(API + "register/confirm", json={"token": token_in(careful, ANN)})
    assert (confirmed.status_code, confirmed.json["challenge"]["details"]["methods"]) == (202, ["passkey"])
    options = client.post(API + "login/challenge/options").json
    opened = client.post(API + "login/challenge", json={"method": "passkey", "credential": key.get(options)})
    assert opened.status_code == 200, opened.text
    assert log_in_with(careful.test_client(), key).status_code == 200


@pytest.mark.flaw(27)
def test_whoever_opens_the_link_elsewhere_doesnt_get_the_passkey_of_the_one_who_asked(careful, key):
    register_with(careful.test_client(), key)
    owner = careful.test_client()
    token = token_in(careful, ANN)
    assert owner.post(API + "register/confirm", json={"token": token}).status_code == 422
    done = owner.post(API + "register/finish", json={"token": token, "password": PASSWORD})
    assert done.status_code == 201, done.text
    assert passkeys(careful) == []
    assert log_in_with(careful.test_client(), key).status_code == 401


@pytest.mark.flaw(27)
def test_whoever_began_an_account_is_out_when_the_owner_of_the_address_chooses_a_password(key):
    """Without a mail that was read, the passkey is a stranger's."""
    app = small_app(HOUSEKEY_REGISTRATION_VERIFICATION="grace")
    stranger, owner = app.test_client(), app.test_client()
    assert register_with(stranger, key).status_code == 201
    assert owner.post(API + "password/forgot", json={"email": ANN}).status_code == 202
    body = {"token": token_in(app, ANN), "password": PASSWORD}
    assert owner.post(API + "password/reset", json=body).status_code == 204
    assert passkeys(app) == []
    assert log_in_with(app.test_client(), key).status_code == 401
    assert stranger.get("/private").status_code == 302


@pytest.mark.flaw(11)
def test_an_address_that_is_taken_answers_the_same(careful, key):
    first = register_with(careful.test_client(), key)
    client = careful.test_client()
    app_answer = register_with(client, Authenticator())
    assert (app_answer.status_code, app_answer.text) == (first.status_code, first.text)


@pytest.mark.flaw(36)
def test_a_challenge_makes_one_account(key):
    app = small_app()
    client = app.test_client()
    options = client.post(API + "register/passkey/options", json={"email": ANN}).get_json()
    said = key.create(options)
    assert client.post(API + "register/passkey", json={"email": ANN, "credential": said}).status_code == 201
    client.post(API + "logout")
    other = Authenticator().create(options)
    again = client.post(API + "register/passkey", json={"email": "bob@example.test", "credential": other})
    assert (again.status_code, list(again.json["fields"])) == (422, ["credential"])


def test_a_bad_address_costs_no_second_dialog(key):
    app = small_app()
    client = app.test_client()
    options = client.post(API + "register/passkey/options", json={"email": "nonsense"}).get_json()
    said = key.create(options)
    assert client.post(API + "register/passkey", json={"email": "nonsense", "credential": said}).status_code == 422
    assert client.post(API + "register/passkey", json={"email": ANN, "credential": said}).status_code == 201


def test_a_passkey_that_somebody_has_makes_no_second_account(key):
    app = small_app()
    register_with(app.test_client(), key)
    assert register_with(app.test_client(), key, "bob@example.test").status_code == 422


def test_where_registration_is_closed_passkeys_make_no_account(key):
    app = small_app(HOUSEKEY_REGISTRATION_OPEN=False)
    asked = app.test_client().post(API + "register/passkey/options", json={"email": ANN})
    assert asked.status_code == 403
    assert app.test_client().get("/account/register/passkey").status_code == 403


def test_the_page_says_where_to_go(key):
    app = small_app()
    assert "/account/register/passkey" in app.test_client().get("/account/register").text
    page = app.test_client().get("/account/register/passkey").text
    assert "Register with a passkey" in page
    assert registered(app).get("/account/register/passkey").status_code == 303
