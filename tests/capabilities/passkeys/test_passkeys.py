"""Passkeys: added, named, used to log in and as the second step, removed."""

from __future__ import annotations

import json
import sys
from datetime import timedelta

import cbor2
import pytest
import sqlalchemy as sa

from housekey.capabilities.factors import actions as factor_actions
from housekey.capabilities.passkeys import adding
from housekey.capabilities.passkeys.adding import add_options
from housekey.capabilities.registration.actions import delete
from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.authenticators import API, Authenticator, add, added, answer_with, b64, log_in_with, login_options, unb64
from rig.people import house_of, id_of
from rig.phones import with_phone

BOB = "bob@example.test"
GOOGLE = bytes.fromhex("ea9b8d664d011d213ce4b6b48cb575d4")
SECURE = "https://example.org"


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def data_app(database_url):
    return small_app(database_url)


@pytest.fixture
def key():
    return Authenticator()


def rows(app, noun="passkeys"):
    house = house_of(app)
    with house.read() as connection:
        return connection.execute(sa.select(house.store.tables[noun])).mappings().all()


def factors(client):
    return client.get(API + "factors").json["factors"]


@pytest.mark.asvs("6.3.3", "6.5.7")
def test_a_verified_passkey_logs_in_without_a_name_and_is_two_factors(data_app, key):
    added(registered(data_app), key)
    client = data_app.test_client()
    opened = log_in_with(client, key)
    assert opened.status_code == 200, opened.text
    assert (opened.json["session"]["amr"], opened.json["session"]["aal"]) == (["passkey", "mfa"], 2)
    assert client.get("/private").text == "ann"


def test_after_the_password_it_is_the_second_step(data_app, key):
    passkey = added(registered(data_app), key)
    client = data_app.test_client()
    asked = log_in(client)
    assert asked.json["challenge"]["details"]["methods"] == ["passkey", "recovery_code"]
    options = client.post(API + "login/challenge/options").json
    assert [one["id"] for one in options["allowCredentials"]] == [
        key.create({"rp": {"id": "localhost"}, "user": {"id": key.handle}, "challenge": ""})["id"]
    ]
    opened = answer_with(client, key)
    assert opened.json["session"]["amr"] == ["pwd", "passkey", "mfa"]
    assert passkey["method"] == "passkey"


@pytest.mark.asvs("6.5.7")
def test_a_key_without_a_pin_is_one_factor_and_the_password_is_asked_for(app):
    key = Authenticator(verifies=False, transports=("usb",))
    assert added(registered(app), key)["name"] == "Security key"
    client = app.test_client()
    asked = log_in_with(client, key)
    assert (asked.status_code, asked.json["challenge"]["details"]["methods"]) == (202, ["pwd"])
    assert client.get("/private").status_code == 302
    answer = {"method": "pwd", "code": "wrong"}
    assert client.post(API + "login/challenge", json=answer).status_code == 401
    opened = client.post(API + "login/challenge", json=answer | {"code": PASSWORD})
    assert (opened.status_code, opened.json["session"]["aal"]) == (200, 2)


def test_options_before_a_proof_name_nobody(app, key):
    added(registered(app), key)
    client = app.test_client()
    options = login_options(client)
    assert (options["allowCredentials"], options["userVerification"], options["rpId"]) == ([], "preferred", "localhost")
    assert rows(app, "spent_challenges")[1:] == [], "only what was answered rightly becomes a row"
    assert options["challenge"] != login_options(client)["challenge"]


def test_its_owner_is_known_to_it_by_a_random_name(app, key):
    client = registered(app)
    options = client.post(API + "passkeys/options").json
    assert len(options["user"]["id"]) == 86
    assert options["user"]["name"] == "ann@example.test"
    assert client.post(API + "passkeys/options").json["user"]["id"] == options["user"]["id"], (
        "the same for each of them"
    )
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["userVerification"] == "preferred"


def test_the_one_that_is_there_is_excluded_from_a_second_time(app, key):
    client = registered(app)
    added(client, key)
    client = app.test_client()
    log_in_with(client, key)
    excluded = client.post(API + "passkeys/options").json["excludeCredentials"]
    assert [one["transports"] for one in excluded] == [["internal"]]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        (Authenticator(aaguid=GOOGLE, synced=True), "Google Password Manager"),
        (Authenticator(transports=("usb", "nfc")), "Security key"),
        (Authenticator(), "Flask test client"),
    ],
    ids=["by its maker", "by its kind", "by the browser"],
)
def test_its_default_name_is_readable(app, key, name):
    factor = added(registered(app), key)
    assert (factor["name"], factor["synced"]) == (name, key.synced)


def test_a_second_one_of_a_kind_has_a_number(app, key):
    client = registered(app)
    added(client, key)
    client = app.test_client()
    log_in_with(client, key)
    assert added(client, Authenticator())["name"] == "Flask test client 2"
    assert added(client, Authenticator(), name="Work")["name"] == "Work"


@pytest.mark.asvs("6.5.6")
def test_it_is_renamed_and_removed(data_app, key):
    passkey = added(registered(data_app), key)
    client = data_app.test_client()
    log_in_with(client, key)
    path = f"{API}passkeys/{passkey['id']}"
    assert client.patch(path, json={"name": "My laptop"}).json["name"] == "My laptop"
    assert client.patch(path, json={"name": " "}).status_code == 422
    assert client.delete(path).status_code == 204
    assert factors(client) == []
    assert client.delete(path).status_code == 404
    assert log_in_with(data_app.test_client(), key).status_code == 401
    assert log_in(data_app.test_client()).status_code == 200


@pytest.mark.asvs("6.3.7")
def test_adding_and_removing_are_mailed(app, key):
    passkey = added(registered(app), key)
    assert "Passkey or security key" in Mailbox(app).last(to="ann@example.test").text
    client = app.test_client()
    log_in_with(client, key)
    client.delete(f"{API}passkeys/{passkey['id']}")
    assert "Two-step login was switched off" in Mailbox(app).last(to="ann@example.test").text


def test_another_persons_passkey_is_not_found(app, key):
    passkey = added(registered(app), key)
    bob = registered(app, BOB)
    assert bob.patch(f"{API}passkeys/{passkey['id']}", json={"name": "x"}).status_code == 404
    assert bob.delete(f"{API}passkeys/{passkey['id']}").status_code == 404


def test_a_passkey_is_added_to_one_account_only(app, key):
    added(registered(app), key)
    refused = add(registered(app, BOB), key)
    assert (refused.status_code, refused.json["fields"]["credential"][0]["code"]) == (422, "invalid_credential")
    assert len(rows(app)) == 1


def test_the_last_way_in_stays(app, key):
    passkey = added(registered(app), key)
    house = house_of(app)
    with house.write() as unit:
        unit.execute(sa.delete(unit.tables["passwords"]))
    client = app.test_client()
    log_in_with(client, key)
    refused = client.delete(f"{API}passkeys/{passkey['id']}")
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    assert "only way in" in refused.json["title"]
    second = added(client, Authenticator())
    assert client.delete(f"{API}passkeys/{passkey['id']}").status_code == 204
    assert client.delete(f"{API}passkeys/{second['id']}").status_code == 409
    assert len(rows(app)) == 1


def test_with_login_by_mail_the_last_one_may_go(key):
    app = small_app(HOUSEKEY_MAILED_LOGIN_OPEN=True)
    passkey = added(registered(app), key)
    with house_of(app).write() as unit:
        unit.execute(sa.delete(unit.tables["passwords"]))
    client = app.test_client()
    log_in_with(client, key)
    assert client.delete(f"{API}passkeys/{passkey['id']}").status_code == 204


def without_password(app):
    with house_of(app).write() as unit:
        unit.execute(sa.delete(unit.tables["passwords"]))


def test_a_key_that_is_all_that_there_is_opens_the_account_and_its_owner_may_add_more(app):
    key = Authenticator(verifies=False)
    added(registered(app), key)
    without_password(app)
    client = app.test_client()
    opened = log_in_with(client, key)
    assert (opened.status_code, opened.json["session"]["aal"]) == (200, 1)
    added(client, Authenticator())


@pytest.mark.flaw(37)
def test_a_key_that_has_verified_its_holder_once_is_never_believed_without(app):
    """Whoever has stolen it and doesn't know the PIN would else get in by not asking for it."""
    key = Authenticator()
    added(registered(app), key)
    without_password(app)
    key.verifies = False
    assert log_in_with(app.test_client(), key).status_code == 401
    key.verifies = True
    assert log_in_with(app.test_client(), key).status_code == 200


def test_with_the_first_factor_come_recovery_codes(app, key):
    answer = add(registered(app), key)
    assert len(answer.json["recovery_codes"]) == 10
    client = app.test_client()
    log_in_with(client, key)
    assert add(client, Authenticator()).json["recovery_codes"] is None


def test_the_strongest_is_asked_for_first(app, key):
    with clock.stopped() as time:
        phone = with_phone(registered(app))
        client = app.test_client()
        log_in(client)
        time.forward(timedelta(seconds=30))
        client.post(API + "login/challenge", json={"method": "otp", "code": phone.code()})
        added(client, key)
        asked = log_in(app.test_client())
        assert asked.json["challenge"]["details"]["methods"] == ["passkey", "otp", "recovery_code"]


@pytest.mark.asvs("7.5.3")
def test_whoever_is_logged_in_confirms_by_it(app, key):
    added(registered(app), key)
    with clock.stopped() as time:
        client = app.test_client()
        log_in_with(client, key)
        time.forward(timedelta(minutes=16))
        assert client.post(API + "passkeys/options").status_code == 401
        options = client.post(API + "reauthenticate/passkey/options").json
        assert len(options["allowCredentials"]) == 1
        again = client.post(API + "reauthenticate/passkey", json={"credential": key.get(options)})
        assert again.status_code == 200, again.text
        assert client.post(API + "passkeys/options").status_code == 200


def test_a_locked_password_locks_no_passkey(app, key):
    added(registered(app), key)
    for _try in range(12):
        log_in(app.test_client(), password="wrong")
    assert log_in(app.test_client()).status_code == 401
    assert log_in_with(app.test_client(), key).status_code == 200


def test_a_counter_that_goes_back_is_refused_recorded_and_mailed(data_app, key):
    added(registered(data_app), key)
    assert log_in_with(data_app.test_client(), key).status_code == 200
    client = data_app.test_client()
    copy = key.get(login_options(client), count=1)
    assert client.post(API + "login/passkey", json={"credential": copy}).status_code == 401
    assert "may have been copied" in Mailbox(data_app).last(to="ann@example.test").subject
    assert rows(data_app)[0]["sign_count"] == 1
    key.count = 1
    assert log_in_with(data_app.test_client(), key).status_code == 200


def test_a_synced_passkey_doesnt_count(app):
    key = Authenticator(synced=True)
    added(registered(app), key)
    for _time in range(2):
        assert log_in_with(app.test_client(), key).status_code == 200


def test_too_many_are_refused(app, key, monkeypatch):
    monkeypatch.setattr(sys.modules[add_options.__module__], "MOST", 1)
    added(registered(app), key)
    client = app.test_client()
    log_in_with(client, key)
    assert client.post(API + "passkeys/options").status_code == 409


@pytest.mark.asvs("7.5.1")
def test_it_needs_a_fresh_login(app, key):
    client = registered(app)
    with clock.stopped() as time:
        time.forward(timedelta(minutes=20))
        assert client.post(API + "passkeys/options").json["code"] == "reauthentication_required"


def test_where_it_is_switched_off_nothing_shows(key):
    app = small_app(HOUSEKEY_PASSKEYS_OPEN=False)
    client = registered(app)
    assert client.post(API + "passkeys/options").status_code == 403
    assert app.test_client().post(API + "login/passkey/options").status_code == 403
    assert "passkey" not in app.test_client().get("/account/login").text.replace("passkeys.js", "").replace(
        "webauthn", ""
    )
    assert "Add a passkey" not in client.get("/account/factors").text
    assert client.get("/.well-known/passkey-endpoints").status_code == 404


@pytest.mark.parametrize("address", ["http://127.0.0.1:5000", "https://192.0.2.7"])
def test_at_a_bare_address_nothing_shows(address):
    app = small_app(HOUSEKEY_BASE_URL=address)
    assert "data-hk-passkey" not in app.test_client().get("/account/login").text


def test_password_managers_find_the_pages():
    app = small_app(HOUSEKEY_BASE_URL=SECURE)
    told = app.test_client().get("/.well-known/passkey-endpoints").json
    assert told == {"enroll": SECURE + "/account/passkeys/new", "manage": SECURE + "/account/factors"}
    assert app.test_client().get("/.well-known/webauthn").status_code == 404


def test_related_sites_share_them():
    other = "https://example.net"
    app = small_app(HOUSEKEY_BASE_URL=SECURE, HOUSEKEY_PASSKEYS_ORIGINS=(other, "android:apk-key-hash:abc"))
    assert app.test_client().get("/.well-known/webauthn").json == {"origins": [other]}
    client = app.test_client()
    client.post(API + "register", json={"email": "ann@example.test", "password": PASSWORD}, base_url=SECURE)
    options = client.post(API + "passkeys/options", base_url=SECURE).json
    key = Authenticator(origin=other)
    made = client.post(API + "passkeys", json={"credential": key.create(options)}, base_url=SECURE)
    assert (made.status_code, key.rp_id) == (201, "example.org")


def test_a_parent_domain_may_be_theirs():
    app = small_app(HOUSEKEY_BASE_URL="https://app.example.org", HOUSEKEY_PASSKEYS_RP_ID="example.org")
    answer = app.test_client().post(API + "login/passkey/options", base_url="https://app.example.org")
    assert answer.json["rpId"] == "example.org"


def test_authenticators_are_told_what_is_left(app, key):
    client = registered(app)
    added(client, key)
    told = client.get(API + "passkeys/signals").json
    assert told["userId"] == key.handle
    assert len(told["allAcceptedCredentialIds"]) == 1
    assert (told["rpId"], told["name"], told["displayName"]) == ("localhost", "ann@example.test", "ann")


def test_what_a_person_may_read_of_it_stands_in_the_export(app, key):
    client = registered(app)
    added(client, key, name="Laptop")
    exported = client.get(API + "export").text
    assert "Laptop" in exported
    assert key.handle not in exported


@pytest.mark.asvs("6.5.6")
def test_a_reset_by_those_who_run_the_site_takes_it_too(app, key):
    added(registered(app), key)
    user_id = id_of(app, "ann@example.test")
    house_of(app).run(lambda unit: factor_actions.reset(unit, user_id, by="operator"))
    assert log_in_with(app.test_client(), key).status_code == 401
    assert log_in(app.test_client()).status_code == 200


def test_an_account_that_is_deleted_leaves_nothing_of_it(app, key):
    added(registered(app), key)
    delete(house_of(app), id_of(app, "ann@example.test"))
    assert (rows(app), rows(app, "passkey_handles")) == ([], [])
    assert log_in_with(app.test_client(), key).status_code == 401


@pytest.mark.flaw(27)
def test_a_strangers_passkey_goes_with_a_takeover(app, key):
    from housekey.capabilities.passwords import actions as passwords

    added(registered(app), key)
    with house_of(app).write() as unit:
        passwords.remove(unit, id_of(app, "ann@example.test"), by="takeover")
    assert rows(app) == []
    assert rows(app, "recovery_codes") == rows(app, "factor_additions") == [], "what came with it goes along"
    assert log_in_with(app.test_client(), key).status_code == 401


def test_the_page_names_a_deleted_passkey_so_that_it_is_forgotten_and_no_other(app, key):
    """The browser's Signal API takes it out of the list. One that is there must stay, whatever was wrong with it."""
    added(registered(app), key)
    client, stranger = app.test_client(), Authenticator(rp_id="localhost", handle=key.handle)
    for one, named in ((key, False), (stranger, True)):
        credential = one.get(login_options(client), count=0)
        if one is key:
            credential["response"]["signature"] = "AAAA"
        ours = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
        page = client.post("/account/login/passkey", data={"credential": json.dumps(credential)}, headers=ours)
        assert page.status_code == 401
        assert (f'data-hk-unknown="{credential["id"]}" data-hk-rp="localhost"' in page.text) is named
    odd = client.post("/account/login/passkey", data={"credential": '{"id": "<b>"}'}, headers=ours)
    assert (odd.status_code, "data-hk-unknown" in odd.text) == (401, False)


def test_an_account_holds_so_many_passkeys_and_no_more(app, key):
    added(registered(app), key)
    client = app.test_client()
    log_in_with(client, key)
    for _n in range(adding.MOST - 2):
        added(client, Authenticator())
    asked_before = client.post(API + "passkeys/options").json
    added(client, Authenticator())
    one_more = {"credential": Authenticator().create(asked_before)}
    for refused in (client.post(API + "passkeys/options"), client.post(API + "passkeys", json=one_more)):
        assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    assert len(rows(app)) == adding.MOST


def test_a_key_that_says_it_can_be_synced_now_is_another_one(app, key):
    """WebAuthn §7.2 step 19: it never changes."""
    added(registered(app), key)
    key.synced = True
    assert log_in_with(app.test_client(), key).status_code == 401


def test_base64_has_one_spelling(app, key):
    """The last letter holds bits that mean nothing: two texts for one id would be two rows."""
    client = registered(app)
    made = key.create(client.post(API + "passkeys/options").json)
    spelt = made["id"][:-1] + chr(ord(made["id"][-1]) + 1)
    assert unb64(spelt) == unb64(made["id"])
    refused = client.post(API + "passkeys", json={"credential": made | {"id": spelt, "rawId": spelt}})
    assert refused.status_code == 422


@pytest.mark.parametrize("statement", [{"fmt": "tpm", "attStmt": {}}, {"fmt": "packed", "attStmt": {"x5c": [b"0"]}}])
def test_what_makers_say_of_their_keys_is_not_looked_at(app, key, statement):
    client = registered(app)
    made = key.create(client.post(API + "passkeys/options").json)
    told = cbor2.loads(unb64(made["response"]["attestationObject"])) | statement
    made["response"]["attestationObject"] = b64(cbor2.dumps(told))
    assert client.post(API + "passkeys", json={"credential": made}).status_code == 422
    assert rows(app) == []
