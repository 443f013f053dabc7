"""Pages that didn't ask who is there are anybody's; pages that did are one person's alone (flaw 7)."""

import flask_login
import pytest
from flask import make_response

from housekey import current_identity, login_required
from web.hosts import ANN, TAUGHT, fill, make_host


@pytest.fixture
def schema():
    return fill


@pytest.fixture(params=TAUGHT, ids=lambda module: module.__name__)
def host(request, sqlite_url):
    return make_host(sqlite_url, request.param)


def test_a_page_that_didnt_ask_is_silent(host):
    for browser in (host.browser(), host.browser(ANN), host.browser(ANN, remember="1")):
        for path in ("/public", "/public-template", "/static/nothing.css"):
            headers = browser.get(path).headers
            assert not {"Vary", "Set-Cookie", "Cache-Control", "Clear-Site-Data"} & set(headers.keys())


def test_a_page_that_asked_is_for_one_person(host):
    for browser in (host.browser(), host.browser(ANN)):
        for path in ("/greeting", "/private", "/identity"):
            headers = browser.get(path).headers
            assert (headers["Vary"], headers["Cache-Control"]) == ("Cookie", "no-store")


def test_current_user_in_a_template_asks_only_where_it_is_used(host):
    browser = host.browser(ANN)
    assert browser.get("/greeting").text == "Ann"
    assert "Vary" not in browser.get("/public-template").headers


@pytest.mark.parametrize(
    ("chosen", "sent"),
    [
        ("private, no-cache", "private, no-cache"),
        ("private, max-age=60", "private, max-age=60"),
        ("no-store, max-age=0", "no-store, max-age=0"),
        ("public, max-age=60", "no-store"),
        ("max-age=60", "no-store"),
        ("private, public", "no-store"),
        ("s-maxage=60", "no-store"),
        ("no-cache", "no-store"),
        ("nonsense", "no-store"),
    ],
)
def test_a_view_may_choose_but_never_to_share(host, chosen, sent):
    @host.app.get("/chosen")
    @host.api.login_required
    def page():
        return make_response("page", {"Cache-Control": chosen, "Vary": "Accept-Language"})

    headers = host.browser(ANN).get("/chosen").headers
    assert (headers["Cache-Control"], headers["Vary"]) == (sent, "Accept-Language, Cookie")


def test_what_sets_a_cookie_is_never_kept(host):
    @host.app.post("/chosen")
    def page():
        flask_login.confirm_login()
        return make_response("page", {"Cache-Control": "private, max-age=60"})

    answer = host.browser(ANN).post("/chosen")
    assert answer.headers.getlist("Set-Cookie")
    assert answer.headers["Cache-Control"] == "no-store"


def test_errors_and_redirects_of_pages_that_asked_are_for_one_person_too(host):
    for name, code in (("broken", 500), ("missing", 404)):
        host.app.add_url_rule(f"/{name}", name, login_required(lambda code=code: _answer(code)))
    browser = host.browser(ANN)
    browser.get("/fresh")  # the first request, whose checks know the quick hashes of tests
    host.app.testing = host.app.config["PROPAGATE_EXCEPTIONS"] = False
    for path, code in (("/broken", 500), ("/missing", 404), ("/fresh", 200)):
        answer = browser.get(path)
        assert answer.status_code == code
        assert (answer.headers["Vary"], answer.headers["Cache-Control"]) == ("Cookie", "no-store")


def _answer(code):
    from flask import abort

    if code == 500:
        raise RuntimeError("broken")
    abort(code)


@pytest.mark.asvs("14.3.1")
def test_logging_out_empties_the_browsers_cache_and_nothing_else(host):
    browser = host.browser(ANN)
    browser.set_cookie("of_the_host", "1")
    answer = browser.post("/logout")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert browser.get_cookie("of_the_host").value == "1"
    assert "Clear-Site-Data" not in host.browser(ANN).get("/private").headers


def test_an_identity_that_is_asked_for_outside_a_request_is_nobody(host):
    with host.app.app_context():
        assert not current_identity
        assert current_identity == None  # noqa: E711  the proxy equals None, it isn't None
