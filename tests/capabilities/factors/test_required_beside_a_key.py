"""A key that doesn't verify its holder is one factor: where two are required it doesn't open the account alone."""

from __future__ import annotations

import pytest

from attacks.faces import ANN, FACES
from rig.apps import PASSWORD, log_in, small_app
from rig.authenticators import API, Authenticator, answer_with, log_in_with, register_with
from rig.mailed import code_in
from rig.owing import SETTING, asked_for, reads_the_mail, set_up, step
from rig.people import house_of
from rig.phones import answer


@pytest.fixture
def key():
    return Authenticator(verifies=False, transports=("usb",))


@pytest.fixture
def app(key):
    return ready(small_app(), key)


def ready(app, key):
    """Ann has a key and no password, from before the rule."""
    assert register_with(app.test_client(), key).status_code == 201
    asked_for(app, **{SETTING: "everybody"})
    return app


def at_the_choice(app, key):
    client = app.test_client()
    assert log_in_with(client, key).status_code == 202
    assert reads_the_mail(app, client) == ["passkey", "pwd"], "an app would be possession once more"
    return client


def is_in(client):
    return client.get("/private").status_code == 200


@pytest.mark.flaw(30, 31)
@pytest.mark.asvs("6.3.3")
def test_it_opens_no_session_where_two_factors_are_required(database_url, key):
    app = ready(small_app(database_url), key)
    client = app.test_client()
    asked = log_in_with(client, key)
    assert (asked.status_code, asked.json["challenge"]["type"]) == (202, "enrol_factor")
    assert step(client)["step"] == "mailed_code"
    assert not is_in(client)
    assert reads_the_mail(app, client) == ["passkey", "pwd"]
    assert not is_in(client), "a mailbox is no factor"
    opened = answer(client, PASSWORD, "pwd")
    assert (opened.status_code, opened.json["session"]["aal"], opened.json["recovery_codes"]) == (200, 2, None)
    assert is_in(client)
    again = app.test_client()
    assert log_in_with(again, key).json["challenge"]["details"]["methods"] == ["pwd"]
    assert answer(again, PASSWORD, "pwd").status_code == 200
    other_way = app.test_client()
    assert log_in(other_way).status_code == 202
    assert answer_with(other_way, key).status_code == 200


def test_a_passkey_that_verifies_is_enough_by_itself(app, key):
    client, better = at_the_choice(app, key), Authenticator()
    assert step(client)["passkey"] == {"user_verification": "required"}
    opened = set_up(client, better, name="Laptop")
    assert (opened.status_code, opened.json["session"]["aal"]) == (200, 2), opened.text
    assert [one["name"] for one in client.get(API + "factors").json["factors"]][:2] == ["Security key", "Laptop"]
    assert log_in_with(app.test_client(), better).status_code == 200


@pytest.mark.flaw(37)
def test_a_second_key_of_the_same_kind_is_not(app, key):
    client = at_the_choice(app, key)
    refused = set_up(client, Authenticator(verifies=False))
    assert refused.status_code == 422
    assert refused.json["fields"]["credential"][0]["code"] == "not_verified"
    assert not is_in(client)
    assert answer(client, "000000", "otp").status_code == 422, "nor is an app"
    assert not is_in(client)


def test_a_password_that_is_too_weak_is_told_and_costs_no_try(app, key):
    client = at_the_choice(app, key)
    for weak in ("short", "ann@example.test", "", *["aaaaaaaaaaaaaaaaaaaa"] * 5):
        refused = answer(client, weak, "pwd")
        assert (refused.status_code, list(refused.json["fields"])) == (422, ["code"])
        assert not is_in(client)
    assert client.post(API + "login/challenge", json={"method": "pwd"}).status_code == 422
    assert answer(client, PASSWORD, "pwd").status_code == 200


@pytest.mark.parametrize("face", FACES, ids=str)
def test_a_stolen_key_alone_sets_no_password(app, key, face):
    client = app.test_client()
    log_in_with(client, key)
    for method, code in (("pwd", PASSWORD), ("email", "AAAA-AAAA"), ("otp", "000000")):
        assert not face.prove_more(client, code, method).done
    assert not is_in(client)
    assert log_in(app.test_client()).status_code == 401


def test_the_pages_do_the_same(app, key):
    client = app.test_client()
    ours = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    log_in_with(client, key)
    here = "/account/login/challenge"
    assert "your key is one" in client.get(here).text
    client.post(here, data={"method": "email", "code": code_in(app, ANN)}, headers=ours)
    assert "Set up a passkey" in client.get(here).text
    page = client.get(here + "?method=pwd")
    assert "Choose a password" in page.text
    weak = client.post(here + "?method=pwd", data={"method": "pwd", "code": "tuesday"}, headers=ours)
    assert (weak.status_code, "At least" in weak.text, "tuesday" in weak.text) == (422, True, False)
    done = client.post(here + "?method=pwd", data={"method": "pwd", "code": PASSWORD}, headers=ours)
    assert (done.status_code, done.location) == (303, "/")
    assert is_in(client)


def test_in_the_time_of_grace_and_where_nobody_is_asked_the_key_is_enough(app, key):
    asked_for(app, **{SETTING: "nobody"})
    assert log_in_with(app.test_client(), key).status_code == 200


def test_whoever_registers_with_such_a_key_chooses_at_once(key):
    app = small_app(**{SETTING: "everybody"})
    client = app.test_client()
    assert register_with(client, key).status_code == 202
    assert reads_the_mail(app, client) == ["passkey", "pwd"]
    assert answer(client, PASSWORD, "pwd").status_code == 200


def test_where_nothing_can_be_mailed_the_key_is_all_there_is(app, key):
    house_of(app).trying_out = lambda: False
    client = app.test_client()
    assert log_in_with(client, key).json["challenge"]["details"]["step"] == "factor"
    assert answer(client, PASSWORD, "pwd").status_code == 200
