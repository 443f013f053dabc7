"""“Don't ask on this device for 30 days”: off by default, worth the first proof alone, and ended by every change."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from attacks.faces import ANN, FACES
from housekey.capabilities.factors import actions as factors
from housekey.capabilities.factors.events import DeviceTrusted, DeviceTrustEnded
from housekey.capabilities.factors.settings import FactorSettings
from housekey.kernel import clock
from housekey.store import devices as store_devices
from housekey.store import sweeping, users
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import token_in
from rig.people import heard, house_of, id_of
from rig.phones import answer, logged_in_with, with_phone
from rig.threads import together

BOB = "bob@example.test"
NEW = "another long passphrase"
STEP = timedelta(seconds=30)
ON = {"HOUSEKEY_FACTORS_TRUST_DEVICE_FOR": "30d"}


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def app(time):
    return small_app(**ON)


@pytest.fixture
def every_app(database_url):
    return small_app(database_url, **ON)


def half_in(app, client=None):
    client = client or app.test_client()
    assert log_in(client).status_code == 202
    return client


def trusting(app, phone, client=None):
    """A browser in which Ann has ticked the box."""
    client = half_in(app, client)
    body = {"method": "otp", "code": phone.code(), "trust_device": True}
    done = client.post("/account/api/login/challenge", json=body)
    assert done.status_code == 200, done.text
    return client


def cookie(app):
    return app.extensions["housekey"].cookies.trust


def held(app, client):
    found = client.get_cookie(cookie(app))
    return found.value if found else None


def copied(app, client):
    """Another browser with all that this one keeps after a logout."""
    browser = app.test_client()
    for name in (cookie(app), app.extensions["housekey"].cookies.device):
        browser.set_cookie(name, client.get_cookie(name).value)
    return browser


def asked_again(client, password=PASSWORD):
    """Whether the next login in this browser asks for the second step."""
    client.post("/account/api/logout")
    return log_in(client, password=password).status_code == 202


@pytest.fixture
def phone(app, time):
    return with_phone(registered(app))


@pytest.fixture
def trusted(app, phone, time):
    client = trusting(app, phone)
    time.forward(STEP)
    return client


def devices(client):
    return client.get("/account/api/trusted-devices").json["devices"]


def test_it_is_off_by_default(time):
    app = small_app()
    phone = with_phone(registered(app))
    client = half_in(app)
    assert "ask on this device" not in client.get("/account/login/challenge").text
    client = trusting(app, phone, client)
    assert held(app, client) is None
    assert asked_again(client)


def guess_until_locked(client, begin):
    for _try in range(5):
        assert begin(client).status_code == 202
        assert answer(client, "000000").status_code == 401


def confirmed(client):
    return client.post("/account/api/reauthenticate", json={"password": PASSWORD})


def logged_in_anew(client):
    client.post("/account/api/logout")
    assert log_in(client).status_code == 200


@pytest.mark.asvs("6.3.1")
def test_a_new_session_brings_a_trusted_browser_no_new_tries_at_the_second_step(trusted, phone, time):
    logged_in_anew(trusted)
    guess_until_locked(trusted, confirmed)
    logged_in_anew(trusted)
    assert confirmed(trusted).status_code == 202
    assert answer(trusted, phone.code()).status_code == 401, "locked, whatever was typed"


@pytest.mark.asvs("6.3.1")
def test_a_stolen_trust_makes_no_browser_known_that_would_have_tries_of_its_own(app, trusted, phone, time):
    """Else each login with it would make another one."""
    trust = held(app, trusted)
    thief = app.test_client()
    thief.set_cookie(cookie(app), trust)
    assert log_in(thief).status_code == 202
    assert thief.get_cookie(app.extensions["housekey"].cookies.device) is None


@pytest.mark.asvs("6.3.1")
def test_two_logins_in_one_moment_make_one_browser_with_one_count(app, trusted):
    device = trusted.get_cookie(app.extensions["housekey"].cookies.device).value
    house, user_id = house_of(app), id_of(app)

    def known_as(token):
        with house.read() as connection:
            return store_devices.known(connection, house.store.schema, user_id, token)

    id_ = known_as(device)
    with house.write() as unit:
        made = [
            store_devices.remember(unit.session, unit.schema, user_id, id_, old=device, family="")[0] for _ in range(2)
        ]
    assert [known_as(token) for token in made] == [id_, id_]


def test_the_box_spares_the_second_step_and_is_worth_the_password_alone(every_app):
    phone = with_phone(registered(every_app))
    client = trusting(every_app, phone)
    before = held(every_app, client)
    client.post("/account/api/logout")
    opened = log_in(client)
    assert opened.status_code == 200
    assert (opened.json["session"]["amr"], opened.json["session"]["aal"]) == (["pwd"], 1)
    assert held(every_app, client) not in (None, before), "it is new after each login"
    assert not asked_again(client)


@pytest.mark.asvs("7.5.3")
def test_a_page_that_needs_both_steps_asks_all_the_same(app, trusted, phone):
    assert not asked_again(trusted)
    refused = trusted.delete(f"/account/api/totp/{phone.id}")
    assert (refused.status_code, refused.json["code"]) == (401, "reauthentication_required")
    asked = trusted.post("/account/api/reauthenticate", json={"password": PASSWORD})
    assert asked.status_code == 202
    page = trusted.get("/account/login/challenge").text
    assert "ask on this device" not in page


def test_the_pages_offer_it_list_it_and_end_it(app, phone, time):
    ours = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    client = half_in(app)
    assert "ask on this device for 30 days" in client.get("/account/login/challenge").text
    body = {"method": "otp", "code": phone.code(), "trust_device": "on"}
    assert client.post("/account/login/challenge", data=body, headers=ours).status_code == 303
    assert "Devices that aren" in client.get("/account/factors").text
    ended = client.post(f"/account/factors/devices/{devices(client)[0]['id']}/end", headers=ours)
    assert ended.location == "/account/factors"
    assert "Devices that aren" not in client.get("/account/factors").text
    assert asked_again(client)


def test_it_is_told_and_ended_by_its_owner_alone(app, trusted):
    told = heard(app, DeviceTrustEnded)
    bob = registered(app, BOB)
    [device] = devices(trusted)
    assert devices(bob) == []
    assert bob.delete(f"/account/api/trusted-devices/{device['id']}").status_code == 404
    assert trusted.delete(f"/account/api/trusted-devices/{device['id']}").status_code == 204
    assert len(told) == 1
    assert asked_again(trusted)


def test_no_recovery_code_begins_it(app, phone, time):
    codes = logged_in_with(app, phone).post("/account/api/recovery-codes").json["codes"]
    client = half_in(app)
    assert "ask on this device" not in client.get("/account/login/challenge?method=recovery_code").text
    body = {"method": "recovery_code", "code": codes[0], "trust_device": True}
    assert client.post("/account/api/login/challenge", json=body).status_code == 200
    assert held(app, client) is None


@pytest.mark.flaw(30)
@pytest.mark.parametrize("face", FACES, ids=str)
def test_the_box_without_the_right_code_begins_nothing(app, phone, face):
    told, client = heard(app, DeviceTrusted), half_in(app)
    ticked = "on" if face.name == "page" else True
    assert not face.send(client, "challenge", {"method": "otp", "code": "000000", "trust_device": ticked}).done
    assert held(app, client) is None
    assert told == []
    assert face.prove_more(client, phone.code()).done
    assert held(app, client) is None, "the box of a wrong try isn't kept"


def test_it_lets_nobody_in_without_the_password_nor_into_another_account(app, trusted):
    registered(app, BOB)
    with_phone_of_bob = app.test_client()
    log_in(with_phone_of_bob, BOB)
    with_phone(with_phone_of_bob)
    thief = copied(app, trusted)
    assert thief.get("/private").status_code == 302
    assert log_in(thief, password="wrong").status_code == 401
    assert log_in(thief, BOB).status_code == 202


@pytest.mark.flaw(59)
def test_a_copy_from_before_the_last_login_is_worth_nothing(app, trusted):
    old = held(app, trusted)
    assert not asked_again(trusted)
    thief = copied(app, trusted)
    thief.set_cookie(cookie(app), old)
    assert log_in(thief).status_code == 202


@pytest.mark.asvs("15.4.2")
def test_of_two_that_show_one_copy_in_the_same_moment_one_gets_in(every_app):
    phone = with_phone(registered(every_app))
    client = trusting(every_app, phone)
    both = [copied(every_app, client) for _ in range(2)]
    together(2, lambda n: log_in(both[n]).status_code)
    assert sorted(browser.get("/private").status_code for browser in both) == [200, 302]


def test_it_ends_after_its_days_however_often_it_is_used(app, trusted, time):
    for _ in range(2):
        time.forward(timedelta(days=14))
        assert not asked_again(trusted)
    time.forward(timedelta(days=2))
    assert asked_again(trusted)
    with app.app_context():
        assert sweeping.sweep(house_of(app))["trusted_devices"] == 1


def changes_the_password(app, client, phone):
    assert client.post(
        "/account/api/password/change", json={"current": PASSWORD, "new": NEW}
    ).status_code in (200, 204)  # fmt: skip
    return NEW


def resets_the_password(app, client, phone):
    stranger = app.test_client()
    stranger.post("/account/api/password/forgot", json={"email": ANN})
    body = {"token": token_in(app, ANN), "password": NEW}
    assert stranger.post("/account/api/password/reset", json=body).status_code == 204
    return NEW


def adds_a_phone(app, client, phone):
    with_phone(client)


def renews_the_codes(app, client, phone):
    assert client.post("/account/api/recovery-codes").status_code == 201


def logs_out_everywhere(app, client, phone):
    assert client.post("/account/api/logout/everywhere").status_code in (200, 204)


def freezes(app, client, phone):
    ann = app.test_client()
    token = token_in(app, ANN)
    assert ann.post("/account/api/undo/freeze", json={"token": token}).status_code == 204
    house_of(app).run(lambda unit: users.set_frozen(unit.session, unit.schema, id_of(app), False))


@pytest.mark.asvs("6.5.6")
@pytest.mark.parametrize(
    "happens",
    [changes_the_password, resets_the_password, adds_a_phone, renews_the_codes, logs_out_everywhere, freezes],
    ids=lambda act: act.__name__,
)
def test_a_change_ends_it(app, trusted, phone, time, happens):
    time.forward(timedelta(minutes=1))
    password = happens(app, trusted, phone) or PASSWORD
    assert asked_again(trusted, password)


def test_removing_a_phone_ends_it(app, trusted, phone, time):
    second = with_phone(trusted)
    time.forward(STEP)
    client = trusting(app, phone)
    assert client.delete(f"/account/api/totp/{second.id}").status_code == 204
    assert asked_again(client)


def test_a_reset_and_a_new_factor_after_it_bring_no_trust_back(app, trusted, time):
    house_of(app).run(lambda unit: factors.reset(unit, id_of(app), by="operator"))
    client = app.test_client()
    assert log_in(client).status_code == 200
    with_phone(client)
    assert asked_again(trusted)


def test_a_site_that_switches_it_off_asks_everybody(app, trusted):
    house_of(app).settings._groups[FactorSettings] = FactorSettings()
    assert asked_again(trusted)


def test_the_table_holds_no_token(app, trusted):
    with house_of(app).read() as connection:
        told = str(connection.execute(sa.select(house_of(app).store.tables["trusted_devices"])).mappings().all())
    assert held(app, trusted) not in told


def test_second_steps_are_asked_where_nothing_is_trusted(app, phone):
    client = half_in(app)
    assert answer(client, phone.code()).status_code == 200
    assert asked_again(client)
