"""Flask's own session is the host's: it is kept within one person's visit, and never handed to the next (flaw 3)."""

import pytest
import sqlalchemy as sa

from housekey.kernel import clock
from web.hosts import ANN, BOB, TAUGHT, fill, make_host


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
    return {key for key in browser.get("/flask-session").json if key != "_flashes"}


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
