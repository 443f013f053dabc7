"""The last second factor of somebody who must have one can't be removed; nor the last that works here."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from housekey.capabilities.passkeys.party import RelyingParty
from rig.apps import log_in, registered, small_app
from rig.authenticators import API, Authenticator, added, log_in_with, register_with
from rig.owing import SETTING, asked_for
from rig.people import grant, house_of, role
from rig.phones import logged_in_with, with_phone

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@pytest.fixture
def app():
    return small_app()


def factors(client):
    return client.get(API + "factors").json["factors"]


def remove(client, one):
    """By JSON, then by the page: their codes, and the page."""
    kind = {"otp": "totp", "passkey": "passkeys"}[one["method"]]
    page = client.post(f"/account/{kind}/{one['id']}/remove", headers=OURS)
    answer = client.delete(f"{API}{kind}/{one['id']}")
    return answer, page


def is_refused(client, one, code="factor_required"):
    before = factors(client)
    answer, page = remove(client, one)
    assert (answer.status_code, answer.json["code"]) == (409, code)
    assert (page.status_code, answer.json["title"] in page.text) == (409, True)
    assert factors(client) == before
    return True


def switch_passkeys_off(app):
    house = house_of(app)
    house.provide(replace(house.service(RelyingParty), open=False))


@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize("kind", ["app", "passkey"])
def test_the_last_one_stays_also_beside_recovery_codes(database_url, kind):
    app = small_app(database_url)
    client, key = registered(app), Authenticator()
    if kind == "app":
        client = logged_in_with(app, with_phone(client))
    else:
        added(client, key)
        log_in_with(client, key)
    asked_for(app, **{SETTING: "everybody"})
    last, codes = factors(client)
    assert codes["method"] == "recovery_code"
    assert is_refused(client, last)
    asked_for(app, **{SETTING: "nobody"})
    assert client.delete(f"{API}{'totp' if kind == 'app' else 'passkeys'}/{last['id']}").status_code == 204


def test_one_of_two_goes(app):
    client, key = logged_in_with(app, with_phone(registered(app))), Authenticator()
    added(client, key)
    asked_for(app, **{SETTING: "everybody"})
    client = app.test_client()
    log_in_with(client, key)
    passkey, by_app, _codes = factors(client)
    assert client.delete(API + "totp/" + by_app["id"]).status_code == 204
    assert is_refused(client, passkey)


def test_a_key_that_verifies_stays_where_the_rest_would_be_one_factor(app):
    blue, mine = Authenticator(verifies=False), Authenticator()
    client = app.test_client()
    register_with(client, mine)
    added(client, blue)
    asked_for(app, **{SETTING: "everybody"})
    client = app.test_client()
    log_in_with(client, mine)
    good, lesser = factors(client)[:2]
    assert is_refused(client, good)
    assert client.delete(API + "passkeys/" + lesser["id"]).status_code == 204


@pytest.mark.parametrize("who", ["a role", "a function"])
def test_who_must_have_one_is_asked_outside_of_the_transaction(database_url, who):
    """A host's function opens a session of its own; with a pool of one connection it would wait for ever."""
    app = small_app(database_url)
    client = logged_in_with(app, with_phone(registered(app)))
    role(app, "editor")
    asked_for(app, **{SETTING: ["role:editor"] if who == "a role" else lambda user: user.name == "editor"})
    if who == "a role":
        grant(app, "ann@example.test", "editor")
        assert is_refused(client, factors(client)[0])
    else:
        assert client.delete(API + "totp/" + factors(client)[0]["id"]).status_code == 204


def test_in_the_time_of_grace_it_goes(app):
    client = logged_in_with(app, with_phone(registered(app)))
    asked_for(app, **{SETTING: "everybody", "HOUSEKEY_FACTORS_GRACE": timedelta(days=1)})
    assert client.delete(API + "totp/" + factors(client)[0]["id"]).status_code == 204


def test_where_passkeys_are_switched_off_the_app_stays_until_the_passkey_is_gone(app):
    client = logged_in_with(app, with_phone(registered(app)))
    added(client, Authenticator())
    switch_passkeys_off(app)
    passkey, by_app, _codes = factors(client)
    assert is_refused(client, by_app, "conflict")
    assert client.delete(API + "passkeys/" + passkey["id"]).status_code == 204
    assert client.delete(API + "totp/" + by_app["id"]).status_code == 204


def test_a_login_asks_for_no_passkey_where_they_are_switched_off(app):
    codes = with_passkey(app)
    switch_passkeys_off(app)
    client = app.test_client()
    assert log_in(client).json["challenge"]["details"]["methods"] == ["recovery_code"]
    for code in codes:
        client = app.test_client()
        log_in(client)
        body = {"method": "recovery_code", "code": code}
        assert client.post(API + "login/challenge", json=body).status_code == 200
    told = log_in(app.test_client())
    assert (told.status_code, "isn't taken on this site" in told.json["title"]) == (403, True)


def with_passkey(app):
    options = registered(app)
    key = Authenticator()
    made = key.create(options.post(API + "passkeys/options").json)
    return options.post(API + "passkeys", json={"credential": made}).json["recovery_codes"]
