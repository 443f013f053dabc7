"""A host's `request_loader`: its API tokens, beside sessions."""

import flask_login
import pytest
from flask import current_app, request

import housekey
from web.hosts import ANN, BOB, TAUGHT, Robot, db, fill, make_host, user_named

TOKEN = {"Authorization": "Bearer ann's"}


@pytest.fixture
def schema():
    return fill


@pytest.fixture(params=TAUGHT, ids=lambda module: module.__name__)
def host(request, sqlite_url):
    host = make_host(sqlite_url, request.param)
    host.manager.request_loader(by_token)
    return host


def by_token(request):
    if request.authorization is not None and request.authorization.token == "ann's":
        return user_named(ANN)
    return user_named(ANN) if request.args.get("key") == "ann's" else None


def test_a_token_names_its_user_for_that_request_alone(host):
    browser = host.browser()
    answer = browser.get("/private", headers=TOKEN)
    assert answer.text == "Ann"
    assert "Set-Cookie" not in answer.headers
    assert browser.get("/private?key=ann's").text == "Ann"
    assert browser.get("/private").status_code == 302
    assert host.live() == []
    assert host.signals == []
    browser.get("/private", headers=TOKEN)
    assert host.signals == [("user_loaded_from_request", "Ann")]


def test_such_a_user_is_known_but_not_how_and_never_fresh(host):
    browser = host.browser()
    assert browser.get("/identity", headers=TOKEN).json == {"name": "Ann", "amr": [], "aal": 0, "fresh": False}
    assert browser.get("/fresh", headers=TOKEN).status_code == 302
    for path in ("/account/api/sessions", "/account/sessions"):
        answer = browser.get(path, headers=TOKEN)
        assert (answer.status_code, answer.json["code"]) == (401, "not_logged_in")


@pytest.mark.parametrize("page", ["/account/sessions", "/fresh", "/two-steps"])
def test_whom_a_proxy_names_may_log_in_where_that_is_not_enough(sqlite_url, page):
    """The login page sent them on to where they came from, and so on for ever."""
    host = make_host(sqlite_url)
    host.manager.login_view = "housekey.login"
    host.manager.request_loader(lambda request: user_named(ANN) if "X-Remote-User" in request.headers else None)
    host.app.add_url_rule("/two-steps", view_func=housekey.require_aal(2)(lambda: ""))
    browser, named = host.browser(), {"X-Remote-User": "ann"}
    assert browser.get("/private", headers=named).text == "Ann"
    answer = browser.get(page, headers=named, follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, "/account/login")
    for path in ("/account/register", "/account/register/passkey"):
        assert browser.get(path, headers=named).status_code == 200


def test_an_authorization_header_is_judged_alone(host):
    browser = host.browser(BOB)
    assert browser.get("/private").text == "Bob"
    assert browser.get("/private", headers=TOKEN).text == "Ann"
    answer = browser.get("/private", headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert browser.get("/greeting", headers={"Authorization": "Bearer wrong"}).text == "nobody"


def test_a_proxys_basic_header_passes_on_to_the_cookie(host):
    basic = {"Authorization": "Basic cHJveHk6c2VjcmV0"}
    assert host.browser(BOB).get("/private", headers=basic).text == "Bob"
    assert host.browser().get("/private", headers=basic).location.startswith("/login")


def test_a_session_comes_before_a_key_that_is_no_header(host):
    assert host.browser(BOB).get("/private?key=ann's").text == "Bob"


def test_without_a_loader_an_authorization_header_is_somebody_elses(sqlite_url):
    assert make_host(sqlite_url).browser(BOB).get("/private", headers=TOKEN).text == "Bob"


def test_a_disabled_users_token_opens_nothing(host):
    host.disable(ANN)
    assert host.browser().get("/private", headers=TOKEN).status_code == 401
    assert host.browser().get("/private?key=ann's").status_code == 302


def test_roles_count_as_elsewhere(host):
    from housekey.capabilities.roles import actions as roles

    host.app.add_url_rule("/admin", view_func=housekey.roles_required("admin")(lambda: "in"))
    browser = host.browser()
    assert browser.get("/admin", headers=TOKEN).status_code == 403
    with host.app.app_context(), host.house.write() as unit:
        roles.create(unit, "admin")
        roles.grant(unit, host.id_of(ANN), "admin")
    assert browser.get("/admin", headers=TOKEN).text == "in"


def test_an_object_that_is_no_user_has_nobodys_roles(host):
    """Robot 1 and user 1 bear the same number."""
    from housekey.capabilities.roles import actions as roles

    host.manager.request_loader(lambda request: db.session.get(Robot, 1))
    host.app.add_url_rule("/admin", view_func=housekey.roles_required("admin")(lambda: "in"))
    with host.app.app_context(), host.house.write() as unit:
        roles.create(unit, "admin")
        roles.grant(unit, 1, "admin")
    assert host.browser().get("/admin").status_code == 403
    assert host.browser().get("/identity").json["name"] == "1"


def test_a_loader_may_ask_who_is_there_meanwhile(host):
    def loader(request):
        assert not flask_login.current_user.is_authenticated
        return by_token(request)

    host.manager.request_loader(loader)
    guarded = housekey.login_required(lambda: host.api.current_user.name)
    host.app.add_url_rule("/guarded", view_func=guarded)
    assert host.browser().get("/guarded", headers=TOKEN).text == "Ann"


@pytest.mark.parametrize("everywhere", [True, False])
def test_only_what_no_browser_sends_by_itself_passes_the_cross_site_check(sqlite_url, everywhere):
    host = make_host(sqlite_url, HOUSEKEY_CSRF_PROTECT_HOST=everywhere)
    host.manager.request_loader(lambda request: user_named(ANN) if "ann" in (_sent(request) or "") else None)
    view = housekey.login_required(lambda: "changed")
    host.app.add_url_rule("/change", methods=["POST"], view_func=view if everywhere else housekey.csrf_protected(view))
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    for headers, query, status in (
        ({"Authorization": "Bearer ann"}, "", 200),
        ({"Authorization": "Basic ann"}, "", 403),
        ({}, "?key=ann", 403),
        ({"Authorization": "Bearer wrong"}, "", 403),
    ):
        answer = host.browser().post(f"/change{query}", data={"a": "1"}, headers={**foreign, **headers})
        assert answer.status_code == status, headers
    bob = host.browser(BOB)
    assert bob.post("/change", headers={**foreign, "Authorization": "Bearer wrong"}).status_code == 403


def _sent(request):
    return request.headers.get("Authorization") or request.args.get("key")


def test_the_loader_is_given_the_request_as_flask_login_does(host):
    seen = []
    host.manager.request_loader(lambda given: seen.append((given.path, current_app.name, request.path)))
    host.browser().get("/greeting")
    assert seen == [("/greeting", "host", "/greeting")]
