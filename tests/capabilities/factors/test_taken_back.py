"""Whose factors they are: a thief's go when the owner gets the account back, a stranger's never come."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey.capabilities.factors.events import FactorRemoved
from housekey.kernel import clock
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import code_in, token_in
from rig.people import heard, house_of
from rig.phones import answer, begun, logged_in_with, with_phone
from rig.threads import together

ANN = "ann@example.test"
NEW = "a brand new horse battery"
STEP = timedelta(seconds=30)


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def app(time):
    return small_app()


@pytest.fixture
def every_app(database_url):
    return small_app(database_url)


def given_back(app, token, password=PASSWORD):
    """Ann clicks “This wasn't me”, and proves the password from before."""
    ann = app.test_client()
    assert ann.post("/account/api/undo/freeze", json={"token": token}).status_code == 204
    body = {"token": token, "password": password, "new": NEW}
    answer = ann.post("/account/api/undo/restore", json=body)
    assert answer.status_code == 204, answer.text


def apps_of(client):
    return [one["id"] for one in client.get("/account/api/factors").json["factors"] if one["method"] == "otp"]


@pytest.mark.flaw(28)
def test_a_thiefs_phone_goes_when_the_owner_gets_the_account_back(app, time):
    registered(app)
    thief = app.test_client()
    assert log_in(thief).status_code == 200
    time.forward(STEP)
    with_phone(thief)
    given_back(app, token_in(app, ANN))
    assert log_in(app.test_client(), password=NEW).status_code == 200


@pytest.mark.flaw(28)
def test_a_thiefs_second_phone_and_codes_go_and_the_owners_phone_stays(app, time):
    phone = with_phone(registered(app))
    thief = logged_in_with(app, phone)
    time.forward(STEP)
    with_phone(thief)
    token = token_in(app, ANN)
    stolen = thief.post("/account/api/recovery-codes").json["codes"]
    removed = heard(app, FactorRemoved)
    given_back(app, token)
    assert [(event.method, event.by, event.last) for event in removed] == [
        ("otp", "undo", False),
        ("recovery_code", "undo", False),
    ]
    ann = app.test_client()
    assert log_in(ann, password=NEW).status_code == 202
    assert answer(ann, stolen[0], "recovery_code").status_code in (401, 422)
    time.forward(STEP)
    ann = logged_in_with(app, phone, password=NEW)
    assert apps_of(ann) == [phone.id]


def test_what_an_owner_added_before_the_change_stays(app, time):
    phone = with_phone(registered(app))
    thief = logged_in_with(app, phone)
    time.forward(STEP)  # so that the mail is the latest
    body = {"current": PASSWORD, "new": "the thief has chosen this"}
    assert thief.post("/account/api/password/change", json=body).status_code in (200, 204)
    given_back(app, token_in(app, ANN))
    time.forward(STEP)
    logged_in_with(app, phone, password=NEW)


def test_a_further_phone_ends_no_session(app, time):
    phone = with_phone(registered(app))
    other = logged_in_with(app, phone)
    time.forward(STEP)
    mine = logged_in_with(app, phone)
    with_phone(mine)
    assert other.get("/private").status_code == 200
    assert mine.get("/private").status_code == 200


@pytest.mark.flaw(27)
def test_an_address_is_confirmed_before_it_bears_a_second_factor():
    app = small_app(HOUSEKEY_REGISTRATION_VERIFICATION="grace")
    client = registered(app)
    refused = client.post("/account/api/totp")
    assert (refused.status_code, refused.json["code"]) == (403, "unconfirmed_address")
    page = client.get("/account/factors").text
    assert "Confirm your e-mail address first" in page
    assert "Add an authenticator app" not in page
    assert client.post("/account/api/email/verify", json={"code": code_in(app, ANN)}).status_code == 204
    assert client.post("/account/api/totp").status_code == 201


def test_an_address_that_the_host_has_unconfirmed_meanwhile_bears_none():
    app = small_app(HOUSEKEY_REGISTRATION_VERIFICATION="grace")
    client = registered(app)
    client.post("/account/api/email/verify", json={"code": code_in(app, ANN)})
    phone = begun(client)
    with house_of(app).write() as unit:
        unit.execute(sa.update(unit.tables["identifiers"]).values(verified_at=None))
    body = {"code": phone.code()}
    assert client.post(f"/account/api/totp/{phone.id}/confirm", json=body).json["code"] == "unconfirmed_address"


def test_where_nothing_can_be_mailed_nobody_waits_for_a_mail():
    app = small_app(HOUSEKEY_REGISTRATION_VERIFICATION="grace")
    client = registered(app)
    house_of(app).trying_out = lambda: False  # no mail server, and no mailbox page in its place
    assert client.post("/account/api/totp").status_code == 201


def test_of_parallel_beginnings_one_waits(every_app):
    client = registered(every_app)
    held = client.get_cookie(every_app.extensions["housekey"].cookies.session).value

    def begin(_number):
        browser = every_app.test_client()
        browser.set_cookie(every_app.extensions["housekey"].cookies.session, held)
        return browser.post("/account/api/totp").status_code

    assert together(4, begin) == [201] * 4
    house = house_of(every_app)
    with house.read() as connection:
        assert len(connection.execute(sa.select(house.store.tables["authenticator_apps"])).all()) == 1
