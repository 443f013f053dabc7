"""An authenticator app: set up, confirmed, renamed, removed, and asked for at every login."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest
import sqlalchemy as sa

from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from rig.apps import log_in, registered, small_app
from rig.people import house_of, id_of
from rig.phones import answer, begun, confirm, logged_in_with, with_phone

STEP = timedelta(seconds=30)
BOB = "bob@example.test"


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def data_app(database_url):
    return small_app(database_url)


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


def factors(client):
    listed = client.get("/account/api/factors").json["factors"]
    return [one for one in listed if one["method"] == "otp"]


def row(app):
    house = house_of(app)
    with house.read() as connection:
        return connection.execute(sa.select(house.store.tables["authenticator_apps"])).mappings().one()


def test_without_a_factor_nothing_more_is_asked(app):
    assert factors(registered(app)) == []
    assert log_in(app.test_client()).status_code == 200


def test_setting_up_shows_the_key_in_three_forms_and_asks_for_nothing_yet(app):
    client = registered(app)
    made = client.post("/account/api/totp").json
    assert made["uri"].startswith("otpauth://totp/small:ann@example.test?secret=" + made["secret"])
    assert made["qr_svg"].startswith("<svg")
    assert factors(client) == []
    assert log_in(app.test_client()).status_code == 200


@pytest.mark.asvs("6.3.3")
def test_a_confirmed_app_is_asked_for_at_the_next_login(data_app, time):
    phone = with_phone(registered(data_app))
    client = data_app.test_client()
    asked = log_in(client)
    assert asked.status_code == 202
    assert asked.json["challenge"] == {"type": "second_factor", "details": {"methods": ["otp", "recovery_code"]}}
    assert client.get("/account/api/login/challenge").json == asked.json
    assert client.get("/private").status_code == 302
    opened = answer(client, phone.code())
    assert opened.status_code == 200
    assert opened.json["session"]["amr"] == ["pwd", "otp", "mfa"]
    assert opened.json["session"]["aal"] == 2
    assert client.get("/private").text == "ann"


@pytest.mark.asvs("6.5.8")
def test_the_clock_is_the_servers_whatever_the_browser_says(app, time):
    phone = with_phone(registered(app))
    client = app.test_client()
    log_in(client)
    then = clock.now() + timedelta(hours=1)
    said = {"Date": format_datetime(then), "X-Request-Start": str(then.timestamp())}
    body = {"method": "otp", "code": phone.code(120)}
    assert client.post("/account/api/login/challenge", json=body, headers=said).status_code == 401
    late = client.post("/account/api/login/challenge", json=body | {"time": then.isoformat()}, headers=said)
    assert late.json["fields"]["time"][0]["code"] == "unknown_field"


def test_a_wrong_first_code_enrols_nothing(app):
    client = registered(app)
    phone = begun(client)
    refused = confirm(client, phone, "000000")
    assert refused.status_code == 422
    assert refused.json["fields"]["code"][0]["code"] == "wrong_code"
    assert factors(client) == []


def test_it_bears_the_name_that_its_owner_gives(app, time):
    client = registered(app)
    phone = begun(client)
    assert confirm(client, phone, phone.code(-1), name="  My phone ").json["factor"]["name"] == "My phone"
    client = logged_in_with(app, phone)
    renamed = client.patch(f"/account/api/totp/{phone.id}", json={"name": "Old phone"})
    assert (renamed.status_code, renamed.json["name"]) == (200, "Old phone")
    assert [one["name"] for one in factors(client)] == ["Old phone"]
    assert client.patch(f"/account/api/totp/{phone.id}", json={"name": "  "}).status_code == 422


def test_the_code_that_confirmed_it_opens_nothing(app, time):
    phone = with_phone(registered(app), steps=0)
    client = app.test_client()
    log_in(client)
    assert answer(client, phone.code()).status_code == 401
    time.forward(STEP)
    assert answer(client, phone.code()).status_code == 200


def test_several_apps_each_work(app, time):
    client = registered(app)
    first = with_phone(client)
    client = logged_in_with(app, first)
    time.forward(STEP)
    second = with_phone(client)
    logged_in_with(app, second)
    logged_in_with(app, first)
    assert [one["id"] for one in factors(client)] == [first.id, second.id]


def test_an_eleventh_app_is_refused(app, time):
    client = registered(app)
    first = with_phone(client)
    client = logged_in_with(app, first)
    for _number in range(9):
        with_phone(client)
    refused = client.post("/account/api/totp")
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")


@pytest.mark.asvs("7.4.3")
def test_the_first_app_ends_the_other_sessions_and_keeps_this_one(data_app):
    client, other = registered(data_app), data_app.test_client()
    assert log_in(other).status_code == 200
    with_phone(client)
    assert other.get("/private").status_code == 302
    assert client.get("/private").status_code == 200


def test_removing_an_app_ends_what_may_have_been_opened_with_it(data_app, time):
    client = registered(data_app)
    phone = with_phone(client)
    other = logged_in_with(data_app, phone)
    time.forward(STEP)
    mine = logged_in_with(data_app, phone)
    assert mine.delete(f"/account/api/totp/{phone.id}").status_code == 204
    assert other.get("/private").status_code == 302
    assert mine.get("/private").status_code == 200
    assert factors(mine) == []
    assert log_in(data_app.test_client()).status_code == 200


@pytest.mark.asvs("11.3.3", "14.2.4", "14.2.6")
def test_the_seed_is_sealed_to_its_row(app):
    client = registered(app)
    phone = with_phone(client)
    stored = row(app)
    assert phone._seed not in stored["seed"]
    assert phone.secret.encode() not in stored["seed"]
    registered(app, BOB)
    house = house_of(app)
    table = house.store.tables["authenticator_apps"]
    stolen = {**stored, "id": "x" * 22, "user_id": id_of(app, BOB)}
    with house.write() as unit:
        unit.execute(sa.insert(table).values(stolen))
    thief = app.test_client()
    assert log_in(thief, BOB).status_code == 202
    assert answer(thief, phone.code()).status_code == 401, "a seed copied to another row doesn't open there"


def test_a_lost_key_is_no_way_in_and_no_error_of_the_server(app, time, caplog):
    phone = with_phone(registered(app))
    app.secret_key = "another key, for the first one was lost"
    client = app.test_client()
    assert log_in(client).status_code == 202
    assert answer(client, phone.code()).status_code == 401
    assert "authenticator app" in caplog.text


def test_what_is_set_up_waits_an_hour(app, time):
    client = registered(app)
    phone = begun(client)
    time.forward(timedelta(minutes=14))
    assert (
        client.post("/account/api/reauthenticate", json={"password": "correct horse battery staple"}).status_code == 200
    )
    time.forward(timedelta(minutes=10))
    assert (
        client.post("/account/api/reauthenticate", json={"password": "correct horse battery staple"}).status_code == 200
    )
    time.forward(timedelta(minutes=37))
    assert (
        client.post("/account/api/reauthenticate", json={"password": "correct horse battery staple"}).status_code == 200
    )
    assert confirm(client, phone, phone.code()).status_code == 404


def test_adding_and_removing_are_mailed(app, time):
    client = registered(app)
    phone = with_phone(client)
    told = Mailbox(app).last(to="ann@example.test")
    assert "new second step" in told.subject
    assert "Two-step login was switched on" in told.text
    assert "/account/undo?token=" in told.text
    time.forward(STEP)
    client = logged_in_with(app, phone)
    time.forward(STEP)
    assert client.delete(f"/account/api/totp/{phone.id}").status_code == 204
    assert "Two-step login was switched off" in Mailbox(app).last(to="ann@example.test").text


def test_it_needs_a_fresh_login(app, time):
    client = registered(app)
    phone = with_phone(client)
    client = logged_in_with(app, phone)
    time.forward(timedelta(minutes=16))
    for verb, path in (("post", "totp"), ("patch", f"totp/{phone.id}"), ("delete", f"totp/{phone.id}")):
        refused = getattr(client, verb)(f"/account/api/{path}", json={"name": "x"} if verb == "patch" else None)
        assert (refused.status_code, refused.json["code"]) == (401, "reauthentication_required")


@pytest.mark.asvs("7.5.1")
def test_what_a_password_alone_opened_takes_no_factor_away(app, time):
    """The session in which the first app was added has the password's level still."""
    client = registered(app)
    phone = with_phone(client)
    refused = client.delete(f"/account/api/totp/{phone.id}")
    assert (refused.status_code, refused.json["code"], refused.json["aal"]) == (401, "reauthentication_required", 2)
    assert refused.json["methods"] == ["password", "otp", "recovery_code"]
    asked = client.post("/account/api/reauthenticate", json={"password": "correct horse battery staple"})
    assert asked.status_code == 202
    assert answer(client, phone.code()).status_code == 200
    assert client.delete(f"/account/api/totp/{phone.id}").status_code == 204


@pytest.mark.flaw(47)
def test_nobody_touches_the_app_of_another(app, time):
    phone = with_phone(registered(app))
    bob = registered(app, BOB)
    assert bob.delete(f"/account/api/totp/{phone.id}").status_code == 404
    assert bob.patch(f"/account/api/totp/{phone.id}", json={"name": "mine"}).status_code == 404
    assert confirm(bob, phone, phone.code()).status_code == 404
    assert row(app)["name"] == "Authenticator app"
