"""Whoever has no password, and logs in by a passkey say, may choose a first one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from housekey.kernel import clock
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.authenticators import API, Authenticator, answer_with, log_in_with, register_with
from rig.threads import together

OURS = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
HERE = "/account/password/first"


@pytest.fixture
def key():
    return Authenticator()


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def ann(app, key):
    """Her browser; she has a passkey alone."""
    client = app.test_client()
    assert register_with(client, key).status_code == 201
    return client


def choose(client, new=PASSWORD):
    return client.post(API + "password/first", json={"new": new})


def test_the_page_offers_it_and_no_current_one_is_asked_for(app, ann, key):
    assert ann.get("/account/password", headers=OURS).location == HERE
    page = ann.get(HERE)
    assert (page.status_code, "Current password" in page.text) == (200, False)
    assert HERE in ann.get("/account/").text
    weak = ann.post(HERE, data={"new": "short"}, headers=OURS)
    assert (weak.status_code, "At least" in weak.text) == (422, True)
    assert ann.post(HERE, data={"new": PASSWORD}, headers=OURS).status_code == 303
    assert ann.get("/private").status_code == 200, "the session goes on"
    assert ann.get(HERE, headers=OURS).location == "/account/password"
    client = app.test_client()
    assert log_in(client).status_code == 202
    assert answer_with(client, key).status_code == 200


def test_json_does_the_same_once_and_other_sessions_end(app, ann, key):
    other = app.test_client()
    log_in_with(other, key)
    assert choose(ann, "short").json["fields"]["new"][0]["code"] == "too_short"
    assert choose(ann).status_code == 204
    assert other.get("/private").status_code == 302
    again = choose(ann, "another long passphrase")
    assert (again.status_code, again.json["code"]) == (409, "conflict")
    assert log_in(app.test_client()).status_code == 202


def test_whoever_has_a_password_gives_the_current_one(app):
    assert choose(registered(app), "another long passphrase").status_code == 409
    assert log_in(app.test_client()).status_code == 200


@pytest.mark.asvs("7.5.1")
def test_a_session_that_has_gone_stale_confirms_first(app, key):
    with clock.stopped() as time:
        ann = app.test_client()
        register_with(ann, key)
        time.forward(timedelta(minutes=16))
        assert choose(ann).json["code"] == "reauthentication_required"
        assert "/account/reauthenticate" in ann.get(HERE, headers=OURS).location
    assert app.test_client().post(API + "password/first", json={"new": PASSWORD}).status_code == 401


@pytest.mark.asvs("15.4.2")
def test_of_two_in_the_same_moment_one_is_kept(database_url, key):
    app = small_app(database_url)
    client, name = app.test_client(), app.extensions["housekey"].cookies.session
    register_with(client, key)
    both = [app.test_client() for _ in range(2)]
    for browser in both:
        browser.set_cookie(name, client.get_cookie(name).value)
    words = [PASSWORD, "another long passphrase"]
    codes = together(2, lambda n: choose(both[n], words[n]).status_code)
    assert sorted(codes)[0] == 204
    assert sorted(codes)[1] == 409
    worked = [log_in(app.test_client(), password=word).status_code == 202 for word in words]
    assert worked == [code == 204 for code in codes]
