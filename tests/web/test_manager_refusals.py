"""What those get who may not go on: `login_view`, `login_message`, the host's own handlers, problem details."""

import flask_login
import pytest
from flask import Blueprint, session

from housekey import authorize
from web.hosts import ANN, TAUGHT, Robot, db, fill, make_host


@pytest.fixture
def schema():
    return fill


@pytest.fixture(params=TAUGHT, ids=lambda module: module.__name__)
def host(request, sqlite_url):
    return make_host(sqlite_url, request.param)


def test_browsers_are_sent_to_the_login_view_with_a_message(host):
    browser = host.browser()
    answer = browser.get("/private?page=2")
    assert (answer.status_code, answer.location) == (302, "/login?next=%2Fprivate%3Fpage%3D2")
    assert browser.get("/flask-session").json == {"_flashes": [["message", "Please log in to access this page."]]}


def test_the_words_and_their_category_are_the_hosts(host):
    host.manager.login_message, host.manager.login_message_category = "Members only", "info"
    host.manager.localize_callback = str.upper
    browser = host.browser()
    browser.get("/private")
    assert browser.get("/flask-session").json == {"_flashes": [["info", "MEMBERS ONLY"]]}
    host.manager.login_message = None
    stranger = host.browser()
    stranger.get("/private")
    assert stranger.get("/flask-session").json == {}


def test_housekeys_own_page_is_the_login_view_until_the_host_names_one(sqlite_url):
    from housekey.web.manager import LoginManager

    assert LoginManager().login_view == "housekey.login"
    host = make_host(sqlite_url)
    host.manager.login_view = "housekey.login"
    assert host.browser().get("/private").location == "/account/login?next=%2Fprivate"


def test_a_login_view_may_be_an_address_elsewhere(host):
    host.manager.login_view = "https://sso.example/in"
    assert host.browser().get("/private").location == "https://sso.example/in?next=http%3A%2F%2Flocalhost%2Fprivate"


def test_without_a_login_view_the_answer_is_401(host):
    host.manager.login_view = None
    assert host.browser().get("/private").status_code == 401


def test_blueprints_may_have_login_views_of_their_own(host):
    for name in ("shop", "wiki"):
        blueprint = Blueprint(name, __name__, url_prefix=f"/{name}")
        blueprint.add_url_rule("/", "home", host.api.login_required(lambda: "in"))
        blueprint.add_url_rule("/login", "login", lambda: "login")
        host.app.register_blueprint(blueprint)
    host.manager.blueprint_login_views = {"shop": "shop.login"}
    assert host.browser().get("/shop/").location == "/shop/login?next=%2Fshop%2F"
    assert host.browser().get("/wiki/").location == "/login?next=%2Fwiki%2F"


def test_set_login_view_of_flask_login_works(host):
    with host.app.app_context():
        flask_login.set_login_view("greeting")
    assert host.browser().get("/private").location == "/greeting?next=%2Fprivate"


def test_a_host_may_handle_strangers_itself(host):
    host.manager.unauthorized_handler(lambda: ("who are you?", 403))
    for headers in ({}, {"Accept": "application/json"}):
        answer = host.browser().get("/private", headers=headers)
        assert (answer.status_code, answer.text) == (403, "who are you?")


@pytest.mark.parametrize("headers", [{"Accept": "application/json"}, {"X-Requested-With": "XMLHttpRequest"}])
def test_programs_get_problem_details(host, headers):
    browser = host.browser()
    answer = browser.get("/private", headers=headers)
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert answer.json["code"] == "not_logged_in"
    assert browser.get("/flask-session").json == {}


def test_next_may_wait_in_flasks_session(host):
    host.app.config["USE_SESSION_FOR_NEXT"] = True
    host.app.add_url_rule("/waiting", "waiting", lambda: session["next"])
    browser = host.browser()
    assert browser.get("/private?page=2").location == "/login"
    assert browser.get("/waiting").text == "/private?page=2"
    assert browser.get("/flask-session").json.keys() == {"next", "_flashes"}
    browser.post("/login", data={"email": ANN, "stale": "1"})
    assert browser.get("/waiting").text == "/private?page=2"
    assert browser.get("/fresh").location == "/account/reauthenticate?next=%2Ffresh"


def test_next_is_never_an_address_that_only_takes_forms(host):
    browser = host.browser()
    assert browser.post("/private").location == "/login?next=%2Fprivate"
    answer = browser.post("/private-form", headers={"Referer": "http://localhost/form?page=2"})
    assert (answer.status_code, answer.location) == (302, "/login?next=%2Fform%3Fpage%3D2")
    assert browser.post("/private-form", headers={"Referer": "http://elsewhere.example/"}).location == "/login"
    host.app.config["USE_SESSION_FOR_NEXT"] = True
    browser.post("/private-form", headers={"Referer": "http://localhost/form"})
    assert browser.get("/flask-session").json["next"] == "/form"
    browser.post("/private-form")
    assert "next" not in browser.get("/flask-session").json


def test_the_host_of_the_redirect_may_be_forced(host):
    host.app.config["FORCE_HOST_FOR_REDIRECTS"] = "example.org"
    assert host.browser().get("/private").location == "//example.org/login?next=%2Fprivate"


def test_being_sent_away_is_never_cached(host):
    answer = host.browser().get("/private")
    assert (answer.headers["Vary"], answer.headers["Cache-Control"]) == ("Cookie", "no-store")


def test_a_refusal_in_the_middle_of_a_change_is_answered_at_once_and_told(host, caplog):
    @host.app.post("/edit")
    def edit():
        db.session.add(Robot())
        db.session.flush()
        authorize("edit", Robot())

    assert host.browser(ANN).post("/edit").status_code == 403
    assert "POST /edit: refused (forbidden)" in caplog.text
