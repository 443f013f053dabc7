"""A frozen account is opened again by a second factor from before the change; one that came later proves nothing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey.capabilities.notices.events import AccountUnfrozen
from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.authenticators import Authenticator, added, answer_with, register_with
from rig.mailed import token_in
from rig.people import heard, house_of
from rig.phones import logged_in_with, with_phone
from rig.threads import together

ANN, BEA = "ann@example.test", "bea@example.test"
THIEF, NEW = "the thief has chosen this", "a brand new horse battery"
STEP = timedelta(seconds=30)
API = "/account/api/undo/"


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def app(time):
    return small_app(HOUSEKEY_BASE_URL="http://localhost")


@pytest.fixture
def every_app(time, database_url):
    return small_app(database_url, HOUSEKEY_BASE_URL="http://localhost")


def taken_over(app, time):
    """Ann has a phone; a thief who has seen it changes the password. Her phone, the thief's browser, the frozen
    account's link."""
    phone = with_phone(registered(app))
    thief = logged_in_with(app, phone)
    time.forward(STEP)
    changed(thief)
    return phone, thief, frozen(app)


def frozen(app, to=ANN):
    token = token_in(app, to)
    assert app.test_client().post(API + "freeze", json={"token": token}).status_code == 204
    return token


def tokens_to(app, address):
    """Of all links that were mailed to an address."""
    return [token for mail in Mailbox(app).to(address) for token in re.findall(r"token=([\w-]+)", mail.text)]


def reopened(app, token, code=None, *, method="otp", new=NEW, **more):
    body = {"token": token, "method": method, "code": code, "new": new, **more}
    return app.test_client().post(API + "restore/factor", json={k: v for k, v in body.items() if v is not None})


def asked(app, token):
    return app.test_client().post(API + "restore/factor/options", json={"token": token})


def ways(app, token):
    return app.test_client().post(API + "ways", json={"token": token}).json


def is_frozen(app):
    house = house_of(app)
    accounts = house.store.tables["accounts"]
    with house.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).where(accounts.c.frozen_at.is_not(None))) == 1


def test_who_has_lost_the_former_password_comes_back_by_the_phone(every_app, time):
    opened = heard(every_app, AccountUnfrozen)
    phone, thief, token = taken_over(every_app, time)
    assert ways(every_app, token) == {"frozen": True, "methods": ["former_password", "otp"]}
    assert reopened(every_app, token, phone.code()).status_code == 204
    assert [event.by for event in opened] == ["owner"]
    time.forward(STEP)
    assert logged_in_with(every_app, phone, password=NEW).get("/private").status_code == 200
    assert log_in(every_app.test_client(), password=THIEF).status_code == 401
    assert thief.get("/private").status_code == 302


@pytest.mark.flaw(28)
def test_the_link_alone_opens_nothing(app, time):
    _phone, _thief, token = taken_over(app, time)
    assert reopened(app, token, "000000").status_code == 401
    assert reopened(app, token).json["fields"]["code"][0]["code"] == "missing"
    assert is_frozen(app)


@pytest.mark.flaw(28)
def test_a_phone_that_came_with_the_thief_proves_nothing_and_goes(app, time):
    phone = with_phone(registered(app))
    thief = logged_in_with(app, phone)
    time.forward(STEP)
    stolen = with_phone(thief)
    token = frozen(app)
    assert reopened(app, token, stolen.code()).status_code == 401
    assert is_frozen(app)
    assert reopened(app, token, phone.code()).status_code == 204
    time.forward(STEP)
    mine = logged_in_with(app, phone, password=NEW).get("/account/api/factors").json["factors"]
    assert [one["id"] for one in mine if one["method"] == "otp"] == [phone.id]


@pytest.mark.flaw(28)
def test_where_the_thief_brought_the_first_factor_there_is_none_to_choose(app, time):
    registered(app)
    thief = app.test_client()
    log_in(thief)
    time.forward(STEP)
    stolen = with_phone(thief)
    token = frozen(app)
    assert ways(app, token)["methods"] == ["former_password"]
    refused = reopened(app, token, stolen.code())
    assert (refused.status_code, refused.json["fields"]["method"][0]["code"]) == (422, "not_a_choice")


def test_what_only_helps_out_opens_nothing(app, time):
    phone = with_phone(registered(app))
    ann = logged_in_with(app, phone)
    codes = ann.post("/account/api/recovery-codes").json["codes"]
    time.forward(STEP)
    changed(ann)
    token = frozen(app)
    assert reopened(app, token, codes[0], method="recovery_code").json["fields"]["method"][0]["code"] == "not_a_choice"
    assert reopened(app, token, PASSWORD, method="pwd").status_code == 422
    assert is_frozen(app)


@pytest.mark.flaw(32)
def test_a_code_opens_once_and_not_what_it_has_opened_before(app, time):
    phone, _thief, token = taken_over(app, time)
    shown = phone.code()
    assert reopened(app, token, shown, new="short").status_code == 422
    assert reopened(app, token, shown).status_code == 204
    assert reopened(app, token, shown).status_code == 410
    assert log_in(app.test_client(), password=NEW).status_code == 202


@pytest.mark.flaw(57)
def test_wrong_codes_are_counted_and_then_no_right_one_opens(app, time):
    phone, _thief, token = taken_over(app, time)
    answers = {reopened(app, token, "000000").status_code for _try in range(20)}
    assert answers <= {401, 429}
    assert reopened(app, token, phone.code()).status_code in (401, 429)
    assert is_frozen(app)


@pytest.mark.parametrize("known", [PASSWORD, THIEF])
def test_the_new_password_is_neither_the_one_before_nor_the_thiefs(app, time, known):
    phone, _thief, token = taken_over(app, time)
    refused = reopened(app, token, phone.code(), new=known)
    assert (refused.status_code, refused.json["fields"]["new"][0]["code"]) == (422, "unchanged")
    assert is_frozen(app)
    time.forward(STEP)
    assert reopened(app, token, phone.code()).status_code == 204


def test_without_the_code_nobody_learns_what_the_password_is(app, time):
    """Else the link would be a way to guess at it, uncounted."""
    _phone, _thief, token = taken_over(app, time)
    right, wrong = (reopened(app, token, "000000", new=new) for new in (THIEF, NEW))
    assert (right.status_code, right.json) == (wrong.status_code, wrong.json)


def test_a_new_password_must_be_chosen_where_one_is_set(app, time):
    phone, _thief, token = taken_over(app, time)
    refused = reopened(app, token, phone.code(), new=None)
    assert (refused.status_code, refused.json["fields"]["new"][0]["code"]) == (422, "missing")


def test_an_account_that_isnt_frozen_is_not_opened(app, time):
    phone = with_phone(registered(app))
    logged_in_with(app, phone)
    token = token_in(app, ANN)
    assert ways(app, token)["frozen"] is False
    assert reopened(app, token, phone.code()).status_code == 403
    assert asked(app, token).status_code == 403


def test_a_link_of_nobody_tells_nothing(app):
    nobodys = "x" * 43
    assert app.test_client().post(API + "ways", json={"token": nobodys}).status_code == 410
    assert asked(app, nobodys).status_code == 410
    assert reopened(app, nobodys, "123456").status_code == 410


def test_of_parallel_right_answers_one_opens(every_app, time):
    phone, _thief, token = taken_over(every_app, time)
    opened = heard(every_app, AccountUnfrozen)
    answers = [answer.status_code for answer in together(4, lambda number: reopened(every_app, token, phone.code()))]
    assert sorted(answers)[0] == 204
    assert set(answers[1:]) | {204} <= {204, 401, 403, 410}
    assert (answers.count(204), len(opened)) == (1, 1)


def with_key(app, time, **kind):
    """Ann has a passkey beside her password, which a thief has changed; the key and the frozen account's link."""
    key = Authenticator(**kind)
    added(registered(app), key)
    thief = by_both(app, key)
    time.forward(STEP)
    changed(thief)
    return key, frozen(app)


def by_both(app, key, identifier=ANN):
    """A browser that has just logged in by password and passkey."""
    client = app.test_client()
    assert log_in(client, identifier).status_code == 202
    assert answer_with(client, key).status_code == 200
    return client


def changed(thief):
    answer = thief.post("/account/api/password/change", json={"current": PASSWORD, "new": THIEF})
    assert answer.status_code in (200, 204), answer.text


@pytest.mark.parametrize("verifies", [True, False])
def test_a_passkey_opens_whether_it_asks_for_a_pin_or_not(app, time, verifies):
    key, token = with_key(app, time, verifies=verifies)
    options = asked(app, token).json
    assert [one["id"] for one in options["allowCredentials"]] == [key.get(options)["id"]]
    assert reopened(app, token, method="passkey", credential=key.get(options)).status_code == 204
    assert log_in(app.test_client(), password=THIEF).status_code == 401


@pytest.mark.flaw(36)
def test_what_was_signed_for_a_login_or_another_link_opens_nothing(app, time):
    key, token = with_key(app, time)
    for_login = app.test_client().post("/account/api/login/passkey/options").json
    assert reopened(app, token, method="passkey", credential=key.get(for_login)).status_code == 401
    another = Authenticator()
    added(registered(app, BEA), another)
    thief = by_both(app, another, BEA)
    time.forward(STEP)  # mails of one moment have no order
    changed(thief)
    hers = asked(app, frozen(app, BEA)).json
    assert reopened(app, token, method="passkey", credential=key.get(hers)).status_code == 401
    assert reopened(app, token, method="passkey", credential=another.get(asked(app, token).json)).status_code == 401


@pytest.mark.flaw(36)
def test_what_was_signed_for_one_link_is_worthless_with_another_of_the_same_account(app, time):
    """The thief's login from a new device was told, too."""
    key, token = with_key(app, time)
    tokens = [each for each in tokens_to(app, ANN) if asked(app, each).status_code == 200]
    (other,) = set(tokens) - {token}
    signed = key.get(asked(app, other).json)
    assert reopened(app, token, method="passkey", credential=signed).status_code == 401
    assert reopened(app, other, method="passkey", credential=key.get(asked(app, other).json)).status_code == 204


@pytest.mark.flaw(36)
def test_what_was_signed_here_opens_no_login(app, time):
    key, token = with_key(app, time)
    signed = key.get(asked(app, token).json)
    assert app.test_client().post("/account/api/login/passkey", json={"credential": signed}).status_code == 401


@pytest.mark.flaw(36)
def test_a_signature_counts_once(app, time):
    key, token = with_key(app, time)
    signed = key.get(asked(app, token).json)
    assert reopened(app, token, method="passkey", credential=signed, new=THIEF).status_code == 422
    assert reopened(app, token, method="passkey", credential=signed).status_code == 401
    assert is_frozen(app)


@pytest.mark.flaw(28)
def test_a_thiefs_passkey_isnt_even_asked_for(app, time):
    key, stolen = Authenticator(), Authenticator()
    added(registered(app), key)
    thief = by_both(app, key)
    time.forward(STEP)
    added(thief, stolen)
    token = frozen(app)
    options = asked(app, token).json
    assert len(options["allowCredentials"]) == 1
    assert reopened(app, token, method="passkey", credential=stolen.get(options)).status_code == 401
    assert reopened(app, token, method="passkey", credential=key.get(asked(app, token).json)).status_code == 204


def test_who_has_no_password_needs_none(app, time):
    key = Authenticator()
    assert register_with(app.test_client(), key).status_code == 201
    other = app.test_client()
    options = other.post("/account/api/login/passkey/options").json
    assert other.post("/account/api/login/passkey", json={"credential": key.get(options)}).status_code == 200
    time.forward(STEP)
    added(other, Authenticator())
    token = frozen(app)
    signed = key.get(asked(app, token).json)
    assert reopened(app, token, method="passkey", credential=signed, new=None).status_code == 204
    options = other.post("/account/api/login/passkey/options").json
    assert other.post("/account/api/login/passkey", json={"credential": key.get(options)}).status_code == 200
