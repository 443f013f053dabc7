"""What a review of the whole found: limits that could be opened, or turned against the owner, and what leaked."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask, current_app, g, request
from flask.ctx import _AppCtxGlobals
from sqlalchemy.exc import SQLAlchemyError

from attacks.faces import ANN, NEW_PASSWORD
from housekey import ConfigurationError, current_identity, current_user, login_user
from housekey.capabilities.passwords import Vault
from housekey.capabilities.passwords.events import PasswordChanged
from housekey.capabilities.passwords.stored import store_hash
from housekey.capabilities.throttling.actions import locks_of
from housekey.capabilities.throttling.guard import ThrottlingGuard
from housekey.errors import Busy
from housekey.login import Attempt, Client, Purpose
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.people import heard, house_of, id_of

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"}
CHROME = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"}


def guessed_wrong(app: Flask, times: int) -> None:
    stranger = app.test_client()
    for number in range(times):
        assert log_in(stranger, password=f"wrong guess {number}").status_code == 401


@contextmanager
def full_pool(app: Flask):
    """Every place for a hash is taken, as a handful of parallel requests achieve."""

    def enter(network: object) -> None:
        raise Busy

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(house_of(app).service(Vault).pool, "_enter", enter)
        yield


@pytest.fixture
def host_app(app):
    """An app with a login page of its own, as tutorials teach it."""

    @app.post("/host/login")
    def host_login():
        user = app.accounts.session.scalar(sa.select(app.accounts.User).filter_by(email=ANN))
        if not user.check_password(request.form["password"]):
            return "no", 401
        login_user(user)
        return "yes"

    return app


@pytest.mark.flaw(13)
@pytest.mark.flaw(14)
@pytest.mark.asvs("6.3.1")
def test_a_busy_server_never_opens_a_lock(app, face):
    registered(app)
    guessed_wrong(app, 5)
    before = locks_of(house_of(app), id_of(app))
    with full_pool(app):
        assert [face.log_in(app.test_client(), password="anything").status for _ in range(6)] == [503] * 6
    assert before.locked == 1
    assert locks_of(house_of(app), id_of(app)) == before
    assert not face.log_in(app.test_client()).done


@pytest.mark.flaw(13)
@pytest.mark.asvs("6.3.1")
def test_a_busy_server_never_opens_what_is_closed_until_a_reset(face):
    app = small_app(HOUSEKEY_THROTTLING_CLOSE_AFTER=3)
    registered(app)
    guessed_wrong(app, 3)
    with full_pool(app):
        face.log_in(app.test_client(), password="anything")
    assert locks_of(house_of(app), id_of(app)).closed


@pytest.mark.flaw(14)
def test_mistakes_before_logins_on_a_page_of_the_host_never_add_up_to_a_lock(host_app):
    registered(host_app)
    owner = host_app.test_client()
    for _day in range(8):
        assert owner.post("/host/login", data={"password": "a slip of the finger"}).status_code == 401
        assert owner.post("/host/login", data={"password": PASSWORD}).status_code == 200
    assert locks_of(house_of(host_app), id_of(host_app)).locked == 0


@pytest.mark.flaw(13)
@pytest.mark.flaw(15)
def test_a_right_password_alone_still_clears_no_count_on_a_page_of_the_host(app):
    @app.post("/host/check")
    def check():
        user = app.accounts.session.scalar(sa.select(app.accounts.User).filter_by(email=ANN))
        return str(user.check_password(request.form["password"]))

    registered(app)
    stranger = app.test_client()
    for _round in range(4):
        assert stranger.post("/host/check", data={"password": "wrong"}).text == "False"
        assert stranger.post("/host/check", data={"password": PASSWORD}).text == "True"
    assert stranger.post("/host/check", data={"password": "wrong"}).text == "False"
    assert stranger.post("/host/check", data={"password": PASSWORD}).text == "False"


@pytest.mark.flaw(14)
def test_an_account_is_not_closed_to_its_owner_after_the_host_has_reset_the_password(app, face):
    registered(app)
    guessed_wrong(app, 5)
    told = heard(app, PasswordChanged)
    with app.app_context():
        app.accounts.session.get(app.accounts.User, id_of(app)).set_password(NEW_PASSWORD)
        app.accounts.session.commit()
    assert [(event.user_id, event.by) for event in told] == [(id_of(app), "host")]
    assert face.log_in(app.test_client(), password=NEW_PASSWORD).done


@pytest.mark.flaw(14)
def test_locks_open_only_with_the_host_s_transaction(app, face):
    registered(app)
    guessed_wrong(app, 5)
    with app.app_context():
        app.accounts.session.get(app.accounts.User, id_of(app)).set_password(NEW_PASSWORD)
        app.accounts.session.rollback()
    assert locks_of(house_of(app), id_of(app)).locked == 1


@pytest.mark.flaw(14)
def test_no_count_of_a_user_is_kept_as_if_it_were_nobodys(app):
    """The row that a parallel login has just removed is made anew when a failure is told; a reset must find it."""
    from housekey import login
    from housekey.capabilities.throttling.events import AccountLocked
    from housekey.login import Client

    registered(app)
    heard(app, AccountLocked)
    house = house_of(app)
    ThrottlingGuard().refused(house, login.begin(house, Client(), identifier=ANN), "pwd")
    counters = house.store.tables["counters"]
    with house.read() as connection:
        assert connection.scalars(sa.select(counters.c.user_id)).all() == [id_of(app)]


@pytest.mark.flaw(6)
def test_whoever_has_proved_again_in_another_browser_is_not_asked_for_ever(app):
    registered(app)
    browser = app.test_client()
    body = {"identifier": ANN, "password": PASSWORD}
    assert browser.post("/account/api/login", json=body, headers=FIREFOX).status_code == 200
    assert browser.delete("/account/api/sessions", headers=CHROME).status_code == 401
    proof = {"password": PASSWORD}
    assert browser.post("/account/api/reauthenticate", json=proof, headers=CHROME).status_code == 200
    assert browser.delete("/account/api/sessions", headers=CHROME).status_code == 204
    assert browser.delete("/account/api/sessions", headers=FIREFOX).status_code == 401


@pytest.mark.flaw(3)
@pytest.mark.flaw(7)
def test_a_request_within_a_request_is_not_the_outer_user_s(app):
    @app.get("/inner")
    def inner() -> str:
        return f"{getattr(current_user, 'email', None)} {bool(current_identity)}"

    @app.get("/outer")
    def outer() -> str:
        before, there = current_user.email, current_app.test_client().get("/inner").text
        return f"{before} | {there} | {current_user.email}"

    assert registered(app).get("/outer").text == f"{ANN} | None False | {ANN}"


@pytest.mark.flaw(3)
def test_nor_where_the_host_has_a_class_of_its_own_for_g(app):
    class Greeter(_AppCtxGlobals):
        greeting = "hello"

    app.app_ctx_globals_class = Greeter

    @app.get("/inner")
    def inner() -> str:
        return f"{getattr(current_user, 'email', None)} {g.greeting}"

    @app.get("/outer")
    def outer() -> str:
        return f"{current_user.email} | {current_app.test_client().get('/inner').text} | {current_user.email}"

    assert registered(app).get("/outer").text == f"{ANN} | None hello | {ANN}"


@pytest.mark.flaw(41)
@pytest.mark.parametrize(
    "origin", ["*", "front.example.org", "null", "https://*.example.org:x", "capacitor://localhost"]
)
def test_a_trusted_origin_that_is_none_lets_nobody_in(origin):
    with pytest.raises(ConfigurationError, match="TRUSTED_ORIGINS"):
        small_app(HOUSEKEY_TRUSTED_ORIGINS=[origin])


@pytest.mark.asvs("3.4.2")
@pytest.mark.flaw(41)
@pytest.mark.parametrize(
    "origin", ["null", "file://", "chrome-extension://abc", "https://front.example.org.evil.example"]
)
def test_cors_answers_no_origin_that_is_not_named(origin):
    app = small_app(HOUSEKEY_TRUSTED_ORIGINS=["https://front.example.org"])
    answer = registered(app).get("/account/api/me", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.flaw(19)
def test_no_error_of_the_database_quotes_a_hash(app):
    house = house_of(app)
    with pytest.raises(SQLAlchemyError) as caught, house.write() as unit:
        store_hash(unit, unit.schema, 4711, "$argon2id$a hash that nobody may read")
    assert "4711" not in str(caught.value)
    assert "nobody may read" not in str(caught.value)


def test_a_change_of_password_leaves_no_other_browser_known(sqlite_url):
    """Whoever knew the old password may have gathered known browsers, each with tries of its own."""
    app = small_app(sqlite_url)
    owner, thief = registered(app), app.test_client()
    assert log_in(thief).status_code == 200
    new = "a passphrase that nobody else knows"
    assert owner.post("/account/api/password/change", json={"current": PASSWORD, "new": new}).status_code == 204
    for _ in range(5):
        log_in(app.test_client(), password="wrong")
    assert log_in(thief, password=new).status_code == 401
    owner.post("/account/api/logout")
    assert log_in(owner, password=new).status_code == 200


def test_no_repr_of_a_login_under_way_shows_what_was_typed():
    attempt = Attempt(Purpose.LOGIN, Client(), None, identifier="hunter2 in the wrong field")
    assert "hunter2" not in repr(attempt)
