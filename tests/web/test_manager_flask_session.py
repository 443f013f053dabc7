"""Flask's own session is the host's: it is kept within one person's visit, and never handed to the next (flaw 3)."""

import pytest
import sqlalchemy as sa
from flask import Flask, request, session

import housekey
from housekey import Housekey
from housekey.kernel import clock
from housekey.web.session_owner import MARK
from web.hosts import ANN, BOB, CONFIG, TAUGHT, Host, User, add_views, db, fill, make_host


@pytest.fixture
def schema():
    return fill


@pytest.fixture(params=TAUGHT, ids=lambda module: module.__name__)
def host(request, sqlite_url):
    return make_host(sqlite_url, request.param)


def with_basket(host, email):
    browser = host.browser(email)
    browser.post("/flask-session", data={"basket": "tea"})
    browser.post("/flash")
    return browser


def kept(browser):
    return {key for key in browser.get("/flask-session").json if key not in ("_flashes", MARK)}


def messages(browser):
    return browser.get("/flask-session").json.get("_flashes")


def test_what_a_visitor_has_gathered_is_kept_at_login(host):
    browser = host.browser()
    browser.post("/flask-session", data={"basket": "tea"})
    browser.post("/login", data={"email": ANN})
    assert kept(browser) == {"basket"}


def test_it_is_kept_when_the_same_person_logs_in_again_or_confirms(host):
    browser = with_basket(host, ANN)
    browser.post("/login", data={"email": ANN})
    browser.post("/confirm")
    assert kept(browser) == {"basket"}


def test_it_ends_with_logout_but_for_the_messages(host):
    browser = with_basket(host, ANN)
    browser.post("/logout")
    assert kept(browser) == set()
    assert messages(browser) == [["message", "hi"]]


def test_it_ends_when_another_person_logs_in_but_for_the_messages(host):
    browser = with_basket(host, ANN)
    browser.post("/login", data={"email": BOB})
    assert kept(browser) == set()
    assert messages(browser) == [["message", "hi"]]


@pytest.mark.parametrize("swept", [False, True])
def test_it_ends_also_if_the_first_persons_session_has_run_out(host, swept):
    with clock.stopped() as time:
        browser = with_basket(host, ANN)
        time.forward(host.app.permanent_session_lifetime)
        if swept:
            with host.app.app_context(), host.house.write() as unit:
                unit.execute(sa.delete(unit.tables["sessions"]))
        browser.post("/login", data={"email": BOB})
    assert kept(browser) == set()


def test_it_ends_when_the_next_person_comes_by_housekeys_own_page(host):
    person = {"email": "eve@example.test", "password": "correct horse battery staple"}
    host.browser().post("/account/api/register", json=person)
    for login in ("/account/login", "/account/api/login"):
        browser = with_basket(host, ANN)
        sent = {"identifier": person["email"], "password": person["password"]}
        if login.endswith("api/login"):
            assert browser.post(login, json=sent).status_code == 200
        else:
            assert browser.post(login, data=sent, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303
        assert kept(browser) == set()


def test_a_forms_token_is_not_kept_across_a_login(host):
    browser = host.browser()
    browser.post("/flask-session", data={"csrf_token": "planted", "basket": "tea"})
    browser.post("/login", data={"email": ANN})
    assert kept(browser) == {"basket"}


def test_logging_in_and_out_makes_no_cookie_of_flasks(host):
    browser = host.browser(ANN)
    answers = [browser.post("/confirm"), browser.post("/logout"), browser.post("/login", data={"email": ANN})]
    for answer in answers:
        assert not [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("session=")]


def close(browser, host):
    """What ends with a browser: our session's cookie, but not Flask's permanent one."""
    browser.delete_cookie(host.cookie)


@pytest.mark.flaw(3)
@pytest.mark.parametrize("asks", [False, True])
def test_a_permanent_session_ends_when_the_next_person_of_a_closed_browser_logs_in(host, asks):
    browser = host.browser(ANN)
    browser.post("/flask-session", data={"basket": "tea", "_permanent": "1"})
    if asks:
        browser.get("/private")
    close(browser, host)
    assert "basket" in kept(browser)
    browser.post("/login", data={"email": BOB})
    assert "basket" not in kept(browser)


@pytest.mark.flaw(3)
def test_what_a_visitor_has_gathered_goes_too_once_it_has_become_somebodys(host):
    browser = host.browser()
    browser.post("/flask-session", data={"basket": "tea"})
    for _ in range(2):
        browser.post("/login", data={"email": ANN})
        close(browser, host)
    assert kept(browser) == {"basket"}
    browser.post("/login", data={"email": BOB})
    assert kept(browser) == set()


@pytest.mark.flaw(3)
def test_a_session_that_an_attacker_has_planted_is_not_the_victims(host):
    attacker = with_basket(host, BOB)
    planted = attacker.get_cookie("session").value
    victim = host.browser()
    victim.set_cookie("session", planted)
    victim.post("/login", data={"email": ANN})
    assert kept(victim) == set()


@pytest.mark.flaw(3)
def test_the_mark_is_known_after_a_change_of_the_secret_key(host):
    browser = with_basket(host, ANN)
    close(browser, host)
    host.app.config.update(SECRET_KEY="another key of the tests, as long", SECRET_KEY_FALLBACKS=[host.app.secret_key])
    browser.post("/login", data={"email": ANN})
    assert kept(browser) == {"basket"}
    close(browser, host)
    browser.post("/login", data={"email": BOB})
    assert kept(browser) == set()


@pytest.mark.flaw(3)
def test_what_a_hook_of_the_host_writes_at_the_end_of_a_request_is_marked_too(sqlite_url):
    app = Flask("hooked")
    app.config.update(CONFIG, SQLALCHEMY_DATABASE_URI=sqlite_url)
    app.after_request(remember_page)
    db.init_app(app)
    host = Host(app, Housekey(app, db, user_model=User), housekey)
    add_views(app, housekey)
    browser = host.browser(ANN)
    browser.get("/public")
    close(browser, host)
    browser.post("/login", data={"email": BOB})
    assert browser.get("/flask-session").json["last page"] == "/login"


def remember_page(response):
    session["last page"] = session.get("last page", request.path)
    return response


def test_the_mark_goes_with_what_it_marks(host):
    host.app.add_url_rule("/empty", view_func=lambda: session.pop("basket"), endpoint="empty", methods=["POST"])
    browser = with_basket(host, ANN)
    browser.post("/empty")
    assert set(browser.get("/flask-session").json) == {"_flashes"}


def test_a_page_that_only_shows_the_session_of_somebody_logged_in_saves_nothing(host):
    browser = host.browser()
    browser.post("/flask-session", data={"basket": "tea"})
    browser.post("/login", data={"email": ANN})
    for path in ("/public", "/flask-session"):
        assert "Set-Cookie" not in browser.get(path).headers
    assert "Vary" not in browser.get("/public").headers


def test_visitors_bear_no_mark_and_cost_no_read(host, statements):
    browser = host.browser()
    browser.get("/public")
    statements.clear()
    assert set(browser.post("/flask-session", data={"basket": "tea"}).json) == {"basket"}
    assert set(browser.get("/flask-session").json) == {"basket"}
    assert statements == []


@pytest.fixture
def statements(host):
    heard = []
    with host.app.app_context():
        engine = host.house.store.engine
    sa.event.listen(engine, "before_cursor_execute", lambda *about: heard.append(about[2]))
    return heard
