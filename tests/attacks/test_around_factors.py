"""What a review of second factors found: ways around them once somebody is in, or on the way to an account."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey import require_aal
from housekey.capabilities.reauthentication.forms import is_secret
from housekey.kernel import clock
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.authenticators import API, Authenticator, log_in_with
from rig.mailed import token_in
from rig.people import house_of
from rig.phones import logged_in_with, with_phone

ANN = "ann@example.test"
SHORT = "zq7hvwkp"


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


def begun_with(app, key, email=ANN):
    """An account that somebody has made by a passkey."""
    client = app.test_client()
    options = client.post(API + "register/passkey/options", json={"email": email}).get_json()
    assert client.post(API + "register/passkey", json={"email": email, "credential": key.create(options)}).json["user"]
    return client


def test_registering_by_passkey_is_counted_before_it_says_whose_address_is_taken():
    app = small_app(HOUSEKEY_THROTTLING_NETWORK_REQUESTS=4)
    registered(app)
    client, key = app.test_client(), Authenticator()
    options = client.post(API + "register/passkey/options", json={"email": "bob@example.test"}).get_json()
    body = {"email": ANN, "credential": key.create(options)}
    answers = [client.post(API + "register/passkey", json=body).status_code for _try in range(5)]
    assert answers == [422, 422, 422, 429, 429]
    house = house_of(app)
    with house.read() as connection:
        assert connection.execute(sa.select(house.store.tables["spent_challenges"])).all() == []


@pytest.mark.asvs("6.2.1")
def test_whoever_takes_an_account_over_needs_a_password_that_can_stand_alone():
    app = small_app(HOUSEKEY_REGISTRATION_VERIFICATION="grace")
    key = Authenticator()
    begun_with(app, key)
    owner = app.test_client()
    owner.post(API + "password/forgot", json={"email": ANN})
    body = {"token": token_in(app, ANN), "password": SHORT}
    refused = owner.post(API + "password/reset", json=body)
    assert [fault["code"] for fault in refused.json["fields"]["password"]] == ["too_short"]
    assert owner.post(API + "password/reset", json=body | {"password": PASSWORD}).status_code == 204
    assert log_in_with(app.test_client(), key).status_code == 401


def test_a_factor_that_is_gone_counts_for_nothing_in_the_session_that_goes_on(time):
    app = small_app()

    @app.get("/aal2")
    @require_aal(2)
    def aal2():
        return "in"

    phone = with_phone(registered(app))
    client = logged_in_with(app, phone)
    assert client.get("/aal2").status_code == 200
    assert client.delete(f"{API}totp/{phone.id}").status_code == 204
    assert client.get("/aal2").status_code != 200
    again = client.post(API + "reauthenticate", json={"password": PASSWORD})
    assert (again.json["session"]["amr"], again.json["session"]["aal"]) == (["pwd"], 1)
    assert client.get("/aal2").status_code != 200


def test_a_session_opened_by_a_passkey_alone_that_is_gone_is_one_factor(time):
    app = small_app()
    client, key = registered(app), Authenticator()
    options = client.post(API + "passkeys/options").get_json()
    factor = client.post(API + "passkeys", json={"credential": key.create(options)}).json["factor"]
    client = app.test_client()
    assert log_in_with(client, key).json["session"]["aal"] == 2
    assert client.delete(f"{API}passkeys/{factor['id']}").status_code == 204
    assert client.get(API + "me").json["aal"] == 1


def test_what_a_trusted_browser_opens_is_not_fresh(time):
    app = small_app(HOUSEKEY_FACTORS_TRUST_DEVICE_FOR="30d")
    phone = with_phone(registered(app))
    client = app.test_client()
    assert log_in(client).status_code == 202
    body = {"method": "otp", "code": phone.code(), "trust_device": True}
    assert client.post(API + "login/challenge", json=body).status_code == 200
    client.post(API + "logout")
    assert log_in(client).json["session"]["aal"] == 1
    for call, sent in (("emails/change", {"email": "evil@example.test"}), ("close", {})):
        refused = client.post(API + call, json=sent)
        assert (refused.status_code, refused.json["code"]) == (401, "reauthentication_required"), call
    assert client.get(API + "export").status_code == 401
    time.forward(timedelta(seconds=30))
    asked = client.post(API + "reauthenticate", json={"password": PASSWORD})
    assert asked.status_code == 202
    client.post(API + "login/challenge", json={"method": "otp", "code": phone.code()})
    assert client.get(API + "export").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "api-key", "privateKey", "recovery_code", "backupCode", "sms_code", "seed", "jwt", "bearer", "pincode",
        "cc_number", "kennwort", "mot_de_passe", "contraseña", "senha", "пароль", "code",
    ],
)  # fmt: skip
def test_no_secret_is_kept_with_a_form_whatever_its_field_is_called(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", ["postal_code", "title", "keyword", "country_code", "passport", "monkey", "author"])
def test_what_only_sounds_like_a_secret_is_kept(name):
    assert not is_secret(name)
