"""A session that turns up in another browser family: `session_protection` strong, basic and None (flaw 6)."""

from datetime import timedelta

import pytest

from housekey.kernel import clock
from web.hosts import ANN, TAUGHT, db, fill, make_host

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
NEWER_FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"}
CHROME = {
    "User-Agent": "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
}


@pytest.fixture
def schema():
    return fill


@pytest.fixture(params=TAUGHT, ids=lambda module: module.__name__)
def host(request, sqlite_url):
    return make_host(sqlite_url, request.param)


def in_firefox(host, **form):
    browser = host.app.test_client()
    browser.post("/login", data={"email": ANN, **form}, headers=FIREFOX)
    return browser


def test_basic_makes_it_not_fresh_there_and_leaves_it_fresh_here(host):
    browser = in_firefox(host)
    assert browser.get("/private", headers=CHROME).text == "Ann"
    assert browser.get("/fresh", headers=CHROME).status_code == 302
    assert browser.get("/fresh", headers=FIREFOX).text == "fresh"
    assert ("session_protected", None) not in host.signals
    browser.get("/private", headers=CHROME)
    assert host.signals == [("session_protected", None)]


@pytest.mark.parametrize("form", [{}, {"remember": "1"}])
def test_strong_ends_it_for_everybody_remembered_or_not(host, form):
    host.manager.session_protection = "strong"
    browser = in_firefox(host, **form)
    assert browser.get("/private", headers=FIREFOX).text == "Ann"
    assert browser.get("/private", headers=CHROME).status_code == 302
    assert browser.get("/private", headers=FIREFOX).status_code == 302
    assert host.live() == []


def test_strong_stays_strong_and_logs_nobody_out_who_came_back_with_the_same_browser(host):
    host.manager.session_protection = "strong"
    with clock.stopped() as time:
        browser = in_firefox(host, remember="1")
        for _day in range(10):
            time.forward(timedelta(days=1))
            assert browser.get("/private", headers=NEWER_FIREFOX).text == "Ann"


def test_none_ignores_it(host):
    host.manager.session_protection = None
    assert in_firefox(host).get("/fresh", headers=CHROME).text == "fresh"


def test_a_stolen_session_is_refused_even_while_the_host_is_writing(host):
    host.manager.session_protection = "strong"

    def write_and_ask():
        db.session.execute(db.text("UPDATE user SET motto = 'x' WHERE id = 2"))
        return str(host.api.current_user.is_authenticated)

    host.app.add_url_rule("/writing", view_func=write_and_ask)
    browser = in_firefox(host)
    assert browser.get("/writing", headers=CHROME).text == "False"
    assert browser.get("/private", headers=CHROME).status_code == 302
    assert host.live() == []


@pytest.mark.parametrize(
    ("config", "on_manager", "seen"),
    [
        ({}, (), "basic"),
        ({"HOUSEKEY_SESSIONS_PROTECTION": "strong"}, (), "strong"),
        ({"HOUSEKEY_SESSIONS_PROTECTION": "strong"}, ("basic",), "basic"),
        ({"HOUSEKEY_SESSIONS_PROTECTION": "strong"}, (None,), None),
        ({"SESSION_PROTECTION": "strong"}, ("basic",), "strong"),
        ({"SESSION_PROTECTION": None}, ("strong",), None),
    ],
)
def test_the_nearest_word_counts(sqlite_url, config, on_manager, seen):
    host = make_host(sqlite_url, **config)
    for mode in on_manager:
        host.manager.session_protection = mode
    with host.app.app_context():
        assert host.manager.protection() == seen
