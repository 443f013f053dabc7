"""Fresh logins: what they open, when they go stale, and how they become fresh again."""

from datetime import timedelta

import flask_login
import pytest

import housekey
from housekey.kernel import clock
from web.hosts import ANN, TAUGHT, fill, make_host


@pytest.fixture
def schema():
    return fill


@pytest.fixture(params=TAUGHT, ids=lambda module: module.__name__)
def host(request, sqlite_url):
    return make_host(sqlite_url, request.param)


def test_a_fresh_login_goes_stale_and_is_confirmed_under_a_new_token(host):
    with clock.stopped() as time:
        browser = host.browser(ANN)
        assert browser.get("/fresh").text == "fresh"
        time.forward(timedelta(minutes=16))
        answer = browser.get("/fresh")
        assert answer.status_code == 302
        assert answer.location == "/account/reauthenticate?next=%2Ffresh"
        assert browser.get("/private").text == "Ann"
        old = browser.get_cookie(host.cookie).value
        assert browser.post("/confirm").text == "True"
        assert browser.get("/fresh").text == "fresh"
        thief = host.browser()
        thief.set_cookie(host.cookie, old)
        assert thief.get("/private").status_code == 302
        assert len(host.live()) == 1


def test_a_login_may_begin_stale(host):
    browser = host.browser(ANN, stale="1")
    assert browser.get("/private").text == "Ann"
    assert browser.get("/fresh").status_code == 302
    browser.post("/confirm")
    assert browser.get("/fresh").text == "fresh"


def test_a_login_that_began_stale_is_fresh_by_no_measure(host):
    view = housekey.fresh_login_required(lambda: "fresh", max_age=30 * 24 * 3600)
    host.app.add_url_rule("/lately", view_func=view)
    assert host.browser(ANN).get("/lately").text == "fresh"
    assert host.browser(ANN, stale="1").get("/lately").status_code == 302


def test_each_view_may_say_how_fresh(host):
    host.app.add_url_rule("/now", view_func=housekey.fresh_login_required(max_age=60)(lambda: "fresh"))
    with clock.stopped() as time:
        browser = host.browser(ANN)
        assert browser.get("/now").text == "fresh"
        time.forward(timedelta(seconds=61))
        assert browser.get("/now").status_code == 302
        assert browser.get("/fresh").text == "fresh"


def test_programs_are_told_what_freshness_is_asked_for(host):
    host.app.add_url_rule("/now", view_func=housekey.fresh_login_required(max_age=60)(lambda: "fresh"))
    answer = host.browser(ANN, stale="1").get("/now", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert (answer.json["code"], answer.json["max_age"]) == ("reauthentication_required", 60)


def test_confirming_is_nothing_without_a_login(host):
    host.app.add_url_rule("/sure", view_func=lambda: str(host.api.confirm_login()) + str(host.api.login_fresh()))
    answer = host.browser().get("/sure")
    assert answer.text == "NoneFalse"
    assert "Set-Cookie" not in answer.headers
    assert host.live() == []


def test_freshness_is_the_sessions_own_before_anybody_asks(sqlite_url):
    """`flask_login.login_fresh` before `current_user` says False, which is safe; ours says what is true."""
    host = make_host(sqlite_url)
    host.app.add_url_rule("/theirs", "theirs", lambda: str(flask_login.login_fresh()))
    host.app.add_url_rule("/ours", "ours", lambda: str(housekey.login_fresh()))
    for browser, ours in (
        (host.browser(ANN), "True"),
        (host.browser(ANN, stale="1"), "False"),
        (host.browser(), "False"),
    ):
        assert browser.get("/theirs").text == "False"
        assert browser.get("/ours").text == ours


@pytest.mark.parametrize("stale", [True, False])
def test_flask_logins_function_tells_the_truth_behind_every_guard(sqlite_url, stale):
    host = make_host(sqlite_url)
    for guard in (flask_login.login_required, housekey.login_required):
        host.app.add_url_rule(f"/{guard.__module__}", guard.__module__, guard(lambda: str(flask_login.login_fresh())))
    browser = host.browser(ANN, **({"stale": "1"} if stale else {}))
    with browser.session_transaction() as session:  # as Flask-Login left it before the app moved
        session["_fresh"] = stale
    for path in ("/flask_login.utils", "/housekey.web.guards"):
        assert browser.get(path).text == str(not stale)


def test_freshness_shown_to_flask_login_is_never_saved(host):
    host.app.add_url_rule(
        "/say", methods=["POST"], view_func=lambda: host.api.current_user.name + str(flask_login.login_fresh())
    )
    browser = host.browser(ANN)
    assert browser.post("/say").text == "AnnTrue"
    assert browser.get_cookie("session") is None
    browser.post("/flash")
    assert browser.get("/flask-session").json.keys() == {"_flashes"}


def test_a_session_that_is_no_dictionary_does_no_harm(host):
    from flask.sessions import SessionInterface, SessionMixin

    class Shelf(SessionMixin):
        def __init__(self):
            self.things = {}

        def __getitem__(self, key):
            return self.things[key]

        def __setitem__(self, key, value):
            self.things[key] = value

        def __delitem__(self, key):
            del self.things[key]

        def __iter__(self):
            return iter(self.things)

        def __len__(self):
            return len(self.things)

    class Shelves(SessionInterface):
        shelf = Shelf()

        def open_session(self, app, request):
            return self.shelf

        def save_session(self, app, session, response): ...

    host.app.session_interface = Shelves()
    browser = host.browser(ANN)
    assert browser.get("/private").text == "Ann"
    assert browser.get("/fresh").status_code == (200 if host.api is housekey else 302)
    assert browser.post("/logout").text == "False"
    assert not Shelves.shelf.things.keys() - {"_flashes"}


def test_a_host_may_handle_stale_logins_itself(host):
    host.manager.needs_refresh_handler(lambda: ("prove it", 403))
    assert host.browser(ANN, stale="1").get("/fresh").text == "prove it"


def test_a_host_may_name_its_own_page_and_words(host):
    host.manager.refresh_view = "login"
    host.manager.needs_refresh_message = "Once more, please"
    host.manager.needs_refresh_message_category = "info"
    browser = host.browser(ANN, stale="1")
    assert browser.get("/fresh").location == "/login?next=%2Ffresh"
    assert browser.get("/flask-session").json == {"_flashes": [["info", "Once more, please"]]}
    host.manager.refresh_view = None
    assert browser.get("/fresh").status_code == 401


def test_until_then_the_words_are_ours(host):
    browser = host.browser(ANN, stale="1")
    browser.get("/fresh")
    ((_category, words),) = browser.get("/flask-session").json["_flashes"]
    assert words == "Please confirm that it's you to go on."


def test_next_is_never_an_address_that_only_takes_forms(host):
    browser = host.browser(ANN, stale="1")
    answer = browser.post("/fresh-form", headers={"Referer": "http://localhost/settings?tab=2"})
    assert answer.status_code == 302
    assert answer.location == "/account/reauthenticate?next=%2Fsettings%3Ftab%3D2"
    assert browser.post("/fresh-form").location == "/account/reauthenticate"


def test_housekeys_page_asks_for_the_password_and_leads_back(host):
    person = {"email": "eve@example.test", "password": "correct horse battery staple", "name": "Eve"}
    with clock.stopped() as time:
        browser = host.browser()
        browser.post("/account/api/register", json=person)
        time.forward(timedelta(minutes=16))
        page = browser.get("/fresh", follow_redirects=True)
        assert page.request.path == "/account/reauthenticate"
        answer = browser.post(
            page.request.url, data={"password": person["password"], "next": "/fresh"},
            headers={"Sec-Fetch-Site": "same-origin"},
        )  # fmt: skip
        assert answer.location == "/fresh"
        assert browser.get("/fresh").text == "fresh"
