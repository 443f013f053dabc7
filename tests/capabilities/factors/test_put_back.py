"""Whoever gets an account back gets the factors back, too, that a thief has removed; until then those prove nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey.capabilities.factors import resets
from housekey.capabilities.factors.events import FactorPutBack
from housekey.capabilities.notices import freezing
from housekey.capabilities.passwords import actions as passwords
from housekey.kernel import clock
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.authenticators import Authenticator, added, answer_with
from rig.mailed import operator, token_in
from rig.people import heard, house_of, id_of
from rig.phones import answer, logged_in_with, with_phone

ANN = "ann@example.test"
NEW = "a brand new horse battery"
STEP = timedelta(seconds=30)
API = "/account/api/"


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def app(time):
    return small_app()


@pytest.fixture
def every_app(time, database_url):
    return small_app(database_url)


def without_phone(app, time):
    """Ann has a phone; a thief who has seen it takes it off her account. Her phone."""
    phone = with_phone(registered(app))
    thief = logged_in_with(app, phone)
    time.forward(STEP)
    taken(thief, f"totp/{phone.id}")
    return phone


def taken(thief, what):
    gone = thief.delete(API + what)
    assert gone.status_code == 204, gone.text


def frozen(app):
    token = token_in(app, ANN)
    assert app.test_client().post(API + "undo/freeze", json={"token": token}).status_code == 204
    return token


def given_back(app, token=None, password=PASSWORD):
    """Ann proves the password from before."""
    body = {"token": token or frozen(app), "password": password, "new": NEW}
    done = app.test_client().post(API + "undo/restore", json=body)
    assert done.status_code == 204, done.text


def kept(app):
    """What is kept of removed factors: a count."""
    house = house_of(app)
    with house.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(house.store.tables["removed_factors"]))


def test_a_phone_comes_back_and_is_asked_for_again(every_app, time):
    back = heard(every_app, FactorPutBack)
    phone = without_phone(every_app, time)
    given_back(every_app)
    time.forward(STEP)
    mine = logged_in_with(every_app, phone, password=NEW)
    assert [one["id"] for one in mine.get(API + "factors").json["factors"]] == [phone.id, "recovery_code"]
    assert {(event.method, event.user_id) for event in back} == {
        (method, id_of(every_app)) for method in ("otp", "recovery_code")
    }
    assert kept(every_app) == 0


def test_a_code_that_was_used_before_works_no_second_time(app, time):
    phone = with_phone(registered(app))
    used, thief = phone.code(), logged_in_with(app, phone)
    time.forward(timedelta(seconds=1))  # so that the mail is the latest
    taken(thief, f"totp/{phone.id}")
    given_back(app)
    browser = app.test_client()
    assert log_in(browser, password=NEW).status_code == 202
    assert answer(browser, used).status_code == 401


def test_a_passkey_comes_back_and_works(every_app, time):
    key = Authenticator()
    mine = added(registered(every_app), key)
    thief = by_both(every_app, key)
    time.forward(STEP)
    taken(thief, f"passkeys/{mine['id']}")
    given_back(every_app)
    assert by_both(every_app, key, NEW).get("/private").status_code == 200


def by_both(app, key, password=PASSWORD):
    client = app.test_client()
    assert log_in(client, password=password).status_code == 202
    assert answer_with(client, key).status_code == 200
    return client


def with_paper(app, time):
    """Ann's phone, and her recovery codes."""
    phone = with_phone(registered(app))
    paper = logged_in_with(app, phone).post(API + "recovery-codes").json["codes"]
    time.forward(STEP)
    return phone, paper


def test_recovery_codes_on_paper_work_again_but_for_the_spent_one(app, time):
    phone, paper = with_paper(app, time)
    thief = app.test_client()
    log_in(thief)
    assert answer(thief, paper[0], "recovery_code").status_code == 200
    thief = logged_in_with(app, phone)
    time.forward(STEP)
    stolen = thief.post(API + "recovery-codes").json["codes"]
    given_back(app)
    assert [by_code(app, code) for code in (stolen[0], paper[0], paper[1])] == [401, 401, 200]


def by_code(app, code):
    browser = app.test_client()
    log_in(browser, password=NEW)
    return answer(browser, code, "recovery_code").status_code


def test_with_the_last_factor_its_recovery_codes_come_back(app, time):
    phone, paper = with_paper(app, time)
    thief = logged_in_with(app, phone)
    time.forward(STEP)
    taken(thief, f"totp/{phone.id}")
    given_back(app)
    assert by_code(app, paper[0]) == 200


@pytest.mark.flaw(28)
def test_what_was_removed_opens_nothing_meanwhile(app, time):
    """A lost phone reads the mailbox, and is what most apps are removed for."""
    phone = without_phone(app, time)
    token = frozen(app)
    assert app.test_client().post(API + "undo/ways", json={"token": token}).json["methods"] == ["former_password"]
    body = {"token": token, "method": "otp", "code": phone.code(), "new": NEW}
    refused = app.test_client().post(API + "undo/restore/factor", json=body)
    assert (refused.status_code, list(refused.json["fields"])) == (422, ["method"])


def test_what_the_owner_had_removed_before_stays_away(app, time):
    phone = with_phone(registered(app))
    owner = logged_in_with(app, phone)
    time.forward(STEP)
    taken(owner, f"totp/{phone.id}")
    time.forward(STEP)
    body = {"current": PASSWORD, "new": "the thief has chosen this"}
    assert owner.post(API + "password/change", json=body).status_code in (200, 204)
    given_back(app)
    assert log_in(app.test_client(), password=NEW).status_code == 200


def test_what_came_with_the_thief_and_went_again_stays_away(app, time):
    registered(app)
    thief = app.test_client()
    log_in(thief)
    time.forward(STEP)
    phone = with_phone(thief)
    token = token_in(app, ANN)
    thief = logged_in_with(app, phone)
    taken(thief, f"totp/{phone.id}")
    assert app.test_client().post(API + "undo/freeze", json={"token": token}).status_code == 204
    given_back(app, token)
    assert log_in(app.test_client(), password=NEW).status_code == 200


def test_after_a_reset_nothing_comes_back(app, time):
    """Else whoever has lost the phone would be asked for it again."""
    phone = with_phone(registered(app))
    thief = logged_in_with(app, phone)
    time.forward(STEP)
    with_phone(thief)
    taken(thief, f"totp/{phone.id}")
    house_of(app).run(lambda unit: resets.begin(unit, id_of(app), by="operator", at_once=True))
    assert kept(app) == 0
    assert log_in(app.test_client()).status_code == 200


def test_once_an_administrator_has_opened_the_account_nothing_comes_back(app, time):
    without_phone(app, time)
    frozen(app)
    house_of(app).run(lambda unit: freezing.unfreeze(unit, id_of(app), by="administrator"))
    assert kept(app) == 0
    assert log_in(app.test_client()).status_code == 200


@pytest.mark.flaw(27)
def test_what_a_stranger_had_never_comes_back_to_the_owner_of_the_address(app, time):
    without_phone(app, time)
    house_of(app).run(lambda unit: passwords.replace(unit, id_of(app), "a hash", by="takeover"))
    assert kept(app) == 0


def test_what_somebody_has_meanwhile_is_not_taken_from_them(app, time):
    """A key is one account's at a time: it may have been set up on another."""
    key, other = Authenticator(), Authenticator()
    mine = added(registered(app), key)
    added(registered(app, "bea@example.test"), other)
    thief = by_both(app, key)
    time.forward(STEP)
    house = house_of(app)
    table = house.store.tables["passkeys"]
    with house.read() as connection:
        digest = connection.scalar(sa.select(table.c.digest).where(table.c.id == mine["id"]))
    taken(thief, f"passkeys/{mine['id']}")
    with house.write() as unit:
        unit.execute(sa.update(table).values(digest=digest))
    given_back(app)
    assert log_in(app.test_client(), password=NEW).status_code == 200


def test_it_is_kept_sealed_and_for_as_long_as_the_link_works(app, time):
    phone = without_phone(app, time)
    house = house_of(app)
    with house.read() as connection:
        sealed = connection.scalars(sa.select(house.store.tables["removed_factors"].c.kept)).all()
    assert sealed
    assert not any(phone.id.encode() in one for one in sealed)
    time.forward(timedelta(days=8))
    assert operator(app, "sweep").exit_code == 0
    assert kept(app) == 0
