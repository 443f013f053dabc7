"""A shorter password is enough beside a second factor, and never stands alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from housekey.capabilities.factors import actions as factors
from housekey.capabilities.passwords.actions import hashed
from housekey.capabilities.passwords.stored import is_short
from housekey.kernel import clock
from housekey.kernel.secret import Secret
from housekey.store import users
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.authenticators import Authenticator, added, answer_with
from rig.mailed import token_in
from rig.people import house_of, id_of
from rig.phones import logged_in_with, with_phone

ANN = "ann@example.test"
SHORT, LONG = "qov-zimbu", "a longer one than before"
STEP = timedelta(seconds=30)


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def app(time):
    return small_app()


@pytest.fixture
def with_short(app, time):
    """Ann, who has a phone and a short password, freshly logged in by both; and the phone. Her address is hers."""
    phone = with_phone(registered(app))
    confirmed(app)
    client = logged_in_with(app, phone)
    assert change(client, PASSWORD, SHORT).status_code == 204
    time.forward(STEP)
    return logged_in_with(app, phone, password=SHORT), phone


def confirmed(app):
    house = house_of(app)
    with house.write() as unit:
        users.mark_verified(unit.session, unit.schema, id_of(app), ANN)


def change(client, current, new):
    return client.post("/account/api/password/change", json={"current": current, "new": new})


def reset(app, time, new):
    stranger = app.test_client()
    time.forward(timedelta(minutes=11))
    stranger.post("/account/api/password/forgot", json={"email": ANN})
    return stranger.post("/account/api/password/reset", json={"token": token_in(app, ANN), "password": new})


def short(app):
    house = house_of(app)
    with house.read() as connection:
        return is_short(connection, house.store.schema, id_of(app))


def faults(answer, field):
    return [fault["code"] for fault in answer.json["fields"][field]]


@pytest.mark.asvs("6.2.1")
def test_alone_it_needs_fifteen(app, time):
    client = app.test_client()
    refused = client.post("/account/api/register", json={"email": ANN, "password": SHORT})
    assert faults(refused, "password") == ["too_short"]
    assert faults(change(registered(app), PASSWORD, SHORT), "new") == ["too_short"]
    assert faults(reset(app, time, SHORT), "password") == ["too_short"]


def test_beside_a_factor_eight_are_enough(app, with_short, time):
    client, phone = with_short
    assert short(app)
    assert faults(change(client, SHORT, "qov-zim"), "new") == ["too_short"]
    page = client.get("/account/password").text
    assert "At least 8 characters" in page
    assert "you need 15" in page
    time.forward(STEP)
    assert reset(app, time, "vexkudlam").status_code == 204
    logged_in_with(app, phone, password="vexkudlam")
    assert short(app)


def test_a_new_hash_of_the_same_password_is_still_short(app, with_short):
    house = house_of(app)
    old = hashed(house, Secret(SHORT))
    with house.write() as unit:
        unit.execute(unit.tables["passwords"].update().values(hash=old))
    from housekey.capabilities.passwords.actions import _store_unless_changed

    house.run(lambda unit: _store_unless_changed(unit, id_of(app), old, hashed(house, Secret(SHORT))))
    assert short(app)


def test_the_last_factor_goes_after_a_longer_password(app, with_short, time):
    client, phone = with_short
    refused = client.delete(f"/account/api/totp/{phone.id}")
    assert (refused.status_code, refused.json["code"]) == (409, "longer_password_needed")
    page = client.post(f"/account/totp/{phone.id}/remove", headers={"Sec-Fetch-Site": "same-origin"})
    assert (page.status_code, page.location) == (303, "/account/password")
    assert "Choose a longer password first" in client.get(page.location).text
    assert log_in(app.test_client(), password=SHORT).status_code == 202, "the phone is there still"
    assert change(client, SHORT, LONG).status_code == 204
    assert not short(app)
    assert client.delete(f"/account/api/totp/{phone.id}").status_code == 204
    assert log_in(app.test_client(), password=LONG).status_code == 200


def test_a_passkey_that_is_the_last_factor_goes_after_a_longer_password_too(app, with_short):
    client, phone = with_short
    device = Authenticator()
    key = added(client, device)
    assert client.delete(f"/account/api/totp/{phone.id}").status_code == 204
    client = app.test_client()
    assert log_in(client, password=SHORT).status_code == 202
    assert answer_with(client, device).status_code == 200
    refused = client.delete(f"/account/api/passkeys/{key['id']}")
    assert (refused.status_code, refused.json["code"]) == (409, "longer_password_needed")
    page = client.post(f"/account/passkeys/{key['id']}/remove", headers={"Sec-Fetch-Site": "same-origin"})
    assert (page.status_code, page.location) == (303, "/account/password")


def test_the_page_of_a_mailed_link_says_how_few_are_enough(app, with_short, time):
    stranger = app.test_client()
    time.forward(timedelta(minutes=11))
    stranger.post("/account/api/password/forgot", json={"email": ANN})
    page = stranger.get(f"/account/password/reset?token={token_in(app, ANN)}", follow_redirects=True)
    assert "At least 8 characters" in page.text


def test_one_of_two_factors_goes_at_once(app, with_short, time):
    client, _phone = with_short
    time.forward(STEP)
    other = with_phone(client)
    assert client.delete(f"/account/api/totp/{other.id}").status_code == 204


def test_with_the_factors_that_are_reset_a_short_password_goes(app, with_short, time):
    house = house_of(app)
    house.run(lambda unit: factors.reset(unit, id_of(app), by="operator"))
    assert log_in(app.test_client(), password=SHORT).status_code == 401
    assert faults(reset(app, time, SHORT), "password") == ["too_short"]
    assert reset(app, time, LONG).status_code == 204
    assert log_in(app.test_client(), password=LONG).status_code == 200


def test_where_nothing_can_be_mailed_it_stays_and_the_overview_says_so(app, with_short, time):
    house = house_of(app)
    house.trying_out = lambda: False
    house.run(lambda unit: factors.reset(unit, id_of(app), by="operator"))
    client = app.test_client()
    assert log_in(client, password=SHORT).status_code == 200
    assert "It is short" in client.get("/account/").text


def test_a_long_password_stays_when_factors_are_reset(app, time):
    with_phone(registered(app))
    house_of(app).run(lambda unit: factors.reset(unit, id_of(app), by="operator"))
    assert log_in(app.test_client()).status_code == 200


def test_the_floor_can_be_set_down_to_eight(time):
    app = small_app(HOUSEKEY_PASSWORDS_MIN_LENGTH=8)
    client = registered(app)
    assert change(client, PASSWORD, SHORT).status_code == 204
    assert not short(app), "it is long enough alone"
