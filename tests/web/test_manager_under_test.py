"""How hosts test with Flask-Login's own means: FlaskLoginClient, session_transaction, contexts held open."""

import flask_login
import pytest
from flask import g
from flask_login import FlaskLoginClient, current_user, login_user, logout_user

from housekey.web import planted
from web.hosts import ANN, BOB, INA, TAUGHT, User, db, fill, make_host, user_named


@pytest.fixture
def schema():
    return fill


@pytest.fixture(params=TAUGHT, ids=lambda module: module.__name__)
def host(request, sqlite_url):
    return make_host(sqlite_url, request.param)


@pytest.fixture
def people(host):
    with host.app.app_context():
        yield {user.name: user for user in db.session.scalars(db.select(User))}


def test_the_plugin_of_housekey_lets_tests_plant_logins():
    assert planted.believed


def test_flask_logins_client_logs_a_test_in(host, people):
    host.app.test_client_class = FlaskLoginClient
    browser = host.app.test_client(user=people["Ann"])
    assert browser.get("/private").text == "Ann"
    assert browser.get("/fresh").text == "fresh"
    assert len(host.live()) == 1
    assert browser.get("/identity").json == {"name": "Ann", "amr": ["host"], "aal": 1, "fresh": True}
    assert host.app.test_client().get("/private").status_code == 302


def test_flask_logins_client_may_begin_stale(host, people):
    host.app.test_client_class = FlaskLoginClient
    browser = host.app.test_client(user=people["Ann"], fresh_login=False)
    assert browser.get("/private").text == "Ann"
    assert browser.get("/fresh").status_code == 302


@pytest.mark.parametrize(("planted", "fresh"), [({"_fresh": True}, 200), ({"_fresh": False}, 302), ({}, 302)])
def test_a_session_transaction_logs_a_test_in(host, people, planted, fresh):
    browser = host.browser()
    with browser.session_transaction() as session:
        session.update(_user_id=people["Bob"].get_id(), **planted)
    assert browser.get("/fresh").status_code == fresh
    assert browser.get("/private").text == "Bob"
    assert len(host.live()) == 1
    assert not browser.get("/flask-session").json.keys() - {"_flashes"}


def test_a_planted_login_ends_like_any_other(host, people):
    browser = host.browser()
    with browser.session_transaction() as session:
        session["_user_id"] = people["Bob"].get_id()
    assert browser.get("/private").text == "Bob"
    browser.post("/logout")
    assert browser.get("/private").status_code == 302
    assert host.live() == []


@pytest.mark.parametrize("planted", ["77", "nobody", "", "1 OR 1=1", "\0", "9" * 40, None, 1.5, ["1"]])
def test_a_planted_id_that_nobody_bears_is_nobody(host, planted):
    host.manager.user_loader(lambda text: db.session.get(User, int(text)) if text == "77" else None)
    for loader in (host.manager._user_callback, None):
        host.manager._user_callback = loader
        browser = host.browser()
        with browser.session_transaction() as session:
            session["_user_id"] = planted
        assert browser.get("/private").status_code == 302


def test_a_planted_login_of_somebody_disabled_is_nobody(host, people):
    host.disable(BOB)
    browser = host.browser()
    with browser.session_transaction() as session:
        session["_user_id"] = people["Bob"].get_id()
    assert browser.get("/private").status_code == 302


def test_an_alternative_id_may_be_planted(host, people):
    host.manager.user_loader(lambda text: user_named(text.removeprefix("by mail: ")))
    browser = host.browser()
    with browser.session_transaction() as session:
        session["_user_id"] = f"by mail: {BOB}"
    assert browser.get("/identity").json["name"] == "Bob"


def test_an_outer_app_context_mixes_nobody_up(host):
    with host.app.app_context():
        ann, bob, stranger = host.browser(ANN), host.browser(BOB), host.browser()
        for _ in range(2):
            assert ann.get("/private").text == "Ann"
            assert stranger.get("/private").status_code == 302
            assert bob.get("/private").text == "Bob"
        ann.post("/logout")
        assert ann.get("/private").status_code == 302
        assert bob.get("/private").text == "Bob"


def test_in_a_request_context_of_a_test_people_log_in_and_out(host):
    with host.app.test_request_context("/"):
        assert not current_user.is_authenticated
        assert login_user(user_named(ANN))
        assert current_user.name == "Ann"
        assert flask_login.login_fresh()
        assert not login_user(user_named(INA))
        logout_user()
        assert not current_user.is_authenticated
    with host.app.test_request_context("/"):
        assert not current_user.is_authenticated


def test_a_kept_context_shows_who_was_there(host):
    with host.app.test_client() as browser:
        browser.post("/login", data={"email": ANN})
        assert current_user.name == "Ann"
        browser.get("/private")
        assert current_user.name == "Ann"
        browser.post("/logout")
        assert not current_user.is_authenticated


def test_g_may_name_the_user_of_a_test(host):
    """Tests of Flask-Login's users sometimes plant `g._login_user`."""
    with host.app.test_request_context("/private"):
        g._login_user = user_named(ANN)
        assert current_user.name == "Ann"
        assert flask_login.login_required(lambda: "in")() == "in"
