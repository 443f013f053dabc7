"""Cross-site requests change nothing (flaw 41), whatever browser they come from; our own forms work in all of them."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response, request
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from housekey.errors import ConfigurationError, CrossSite
from housekey.web.csrf import FIELD, Csrf, Verdict, csrf_protected, same_site
from housekey.web.form_tokens import form_token, is_form_token
from housekey.web.here import EXTENSION

HERE = "https://site.example"
FRONT = "https://app.sister.example"
OURS, PROGRAM, FOREIGN, UNSURE = Verdict.OURS, Verdict.PROGRAM, Verdict.FOREIGN, Verdict.UNSURE
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
SESSION = {"Cookie": "__Host-housekey=abc"}
COOKIE = "housekey-test-form"


def post(headers: Mapping[str, str], content_type: str | None = FORM, method: str = "POST", body: str = "x") -> Request:
    builder = EnvironBuilder(
        "/account/login", HERE, method=method, headers=dict(headers), data=body, content_type=content_type
    )
    environ = builder.get_environ()
    if content_type is None:
        environ.pop("CONTENT_TYPE", None)
    return Request(environ)


def verdict(headers: Mapping[str, str], content_type: str | None = FORM, **more: str) -> Verdict:
    return same_site(post(headers, content_type, **more), f"{HERE}/", (FRONT, "https://WWW.sister.example:443/"))


# What each browser sends


@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({"Sec-Fetch-Site": "same-origin", "Origin": HERE}, OURS, id="own form today"),
        pytest.param({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, OURS, id="own form under no-referrer"),
        pytest.param(
            {"Sec-Fetch-Site": "same-origin", "Origin": "http://10.0.0.7"}, OURS, id="base_url is set wrongly"
        ),
        pytest.param({"Sec-Fetch-Site": "none", "Origin": HERE}, OURS, id="reload of a posted page"),
        pytest.param({"Sec-Fetch-Site": "none"}, UNSURE, id="no page began it"),
        pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}, FOREIGN, id="another site"),
        pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": "null"}, FOREIGN, id="sandboxed frame of another site"),
        pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": HERE}, FOREIGN, id="redirected through another site"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, FOREIGN, id="another site, without Origin"),
        pytest.param({"Sec-Fetch-Site": "same-site", "Origin": "https://blog.site.example"}, FOREIGN, id="subdomain"),
        pytest.param(
            {"Sec-Fetch-Site": "same-site", "Origin": f"{HERE}:8443"}, FOREIGN, id="another port of this host"
        ),
        pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": FRONT}, OURS, id="trusted front end elsewhere"),
        pytest.param(
            {"Sec-Fetch-Site": "same-site", "Origin": "https://www.sister.example"}, OURS, id="trusted sister"
        ),
        pytest.param({"Sec-Fetch-Site": "same-site", "Origin": f"{FRONT}.evil.example"}, FOREIGN, id="nearly trusted"),
        pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": f"{FRONT}:8443"}, FOREIGN, id="trusted, another port"),
        pytest.param(
            {"Sec-Fetch-Site": "cross-site", "Origin": "http://app.sister.example"}, FOREIGN, id="trusted, no TLS"
        ),
        pytest.param(
            {"Sec-Fetch-Site": "same-origin, same-origin", "Origin": "https://evil.example"}, FOREIGN, id="doubled"
        ),
        pytest.param({"Sec-Fetch-Site": "SAME-ORIGIN"}, UNSURE, id="a value that no browser sends"),
        pytest.param({"Sec-Fetch-Site": "", "Origin": "https://evil.example"}, FOREIGN, id="empty"),
        pytest.param({"Origin": HERE}, OURS, id="older browser, or plain http: own form"),
        pytest.param({"Origin": "https://evil.example"}, FOREIGN, id="older browser: another site"),
        pytest.param({"Origin": "http://site.example"}, FOREIGN, id="older browser: same host, no TLS"),
        pytest.param({"Origin": "https://blog.site.example"}, FOREIGN, id="older browser: subdomain"),
        pytest.param({"Origin": FRONT}, OURS, id="older browser: trusted front end"),
        pytest.param({"Origin": "null"}, UNSURE, id="older browser: no-referrer, or a sandboxed frame"),
        pytest.param({"Origin": "chrome-extension://abcdef"}, FOREIGN, id="extension"),
        pytest.param({"Origin": "file://"}, FOREIGN, id="file"),
        pytest.param({"Origin": ""}, FOREIGN, id="empty origin"),
        pytest.param({}, UNSURE, id="old browser, or curl with a form"),
        pytest.param({"Referer": f"{HERE}/account/login"}, UNSURE, id="a referrer proves nothing"),
        pytest.param({"X-Requested-With": "XMLHttpRequest"}, UNSURE, id="jQuery's header proves nothing"),
    ],
)
def test_forms_are_judged_by_where_they_come_from(headers: dict[str, str], expected: Verdict) -> None:
    assert verdict(headers) is expected
    assert verdict(headers | SESSION) is expected
    assert verdict(headers, "multipart/form-data; boundary=x") is expected


@pytest.mark.asvs("3.5.2")
@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param({}, PROGRAM, id="curl, tests, native apps"),
        pytest.param(SESSION, PROGRAM, id="the same, logged in by cookie"),
        pytest.param({"Origin": "capacitor://localhost"}, PROGRAM, id="an app's web view without cookies"),
        pytest.param({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, PROGRAM, id="a file's page without cookies"),
        pytest.param({"Origin": HERE, "Sec-Fetch-Site": "same-origin"} | SESSION, OURS, id="own script"),
        pytest.param({"Origin": FRONT, "Sec-Fetch-Site": "cross-site"} | SESSION, OURS, id="trusted front end"),
        pytest.param({"Sec-Fetch-Site": "cross-site"} | SESSION, FOREIGN, id="another site, with cookies"),
        pytest.param({"Sec-Fetch-Site": "same-site"} | SESSION, FOREIGN, id="subdomain, with cookies"),
        pytest.param({"Origin": "https://evil.example"} | SESSION, FOREIGN, id="older browser: another site"),
        pytest.param({"Origin": "null"} | SESSION, UNSURE, id="older browser: sandboxed frame"),
        pytest.param({"Sec-Fetch-Site": "none"} | SESSION, UNSURE, id="no page began it"),
    ],
)
def test_json_passes_unless_a_cookie_and_a_browser_come_with_it(headers: dict[str, str], expected: Verdict) -> None:
    assert verdict(headers, JSON) is expected
    assert verdict(headers, "Application/JSON; charset=utf-8") is expected


@pytest.mark.asvs("3.5.2")
@pytest.mark.parametrize(
    "content_type", ["text/plain", "text/json", "application/jsonp", "application/problem+json", None]
)
def test_json_in_disguise_is_no_json(content_type: str | None) -> None:
    assert verdict({}, content_type, body='{"identifier": "ann"}') is UNSURE
    assert verdict(SESSION, content_type, body='{"identifier": "ann"}') is UNSURE
    assert verdict({"Sec-Fetch-Site": "cross-site"}, content_type, body="{}") is FOREIGN


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "PUT"])
def test_a_program_may_send_nothing_at_all(method: str) -> None:
    assert verdict(SESSION, None, method=method, body="") is PROGRAM
    assert verdict(SESSION | {"Sec-Fetch-Site": "cross-site"}, None, method=method, body="") is FOREIGN
    assert verdict(SESSION | {"Origin": "https://evil.example"}, None, method=method, body="") is FOREIGN
    assert verdict(SESSION | {"Origin": "null"}, None, method=method, body="") is UNSURE
    assert verdict(SESSION, FORM, method=method, body="") is UNSURE


def test_a_site_that_does_not_know_its_address_asks_for_a_token() -> None:
    for base_url in (None, "", "not an address"):
        assert same_site(post({"Origin": HERE}), base_url) is UNSURE
        assert same_site(post({"Origin": "null"}), base_url, ("null",)) is UNSURE
        assert same_site(post({"Sec-Fetch-Site": "same-origin", "Origin": HERE}), base_url) is OURS
        assert same_site(post({"Sec-Fetch-Site": "cross-site", "Origin": HERE}), base_url) is FOREIGN


def test_two_apps_on_two_ports_of_localhost_are_two_sites() -> None:
    neighbour = {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:5001"}
    assert same_site(post(neighbour), "http://localhost:5000") is FOREIGN
    assert same_site(post({"Origin": "http://localhost:5001"}), "http://localhost:5000") is FOREIGN
    assert same_site(post({"Origin": "http://localhost:5000"}), "http://localhost:5000") is OURS


@given(st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])), st.booleans())
def test_no_header_is_an_error_and_no_unknown_one_is_ours(text: str, as_origin: bool) -> None:
    headers = {"Origin" if as_origin else "Sec-Fetch-Site": text}
    assert verdict(headers) in ({UNSURE, FOREIGN} if text != "same-origin" else {OURS})


# The token, in an app


class Site:
    """An app with a page, a form, a login and a change, guarded as Housekey's own are."""

    def __init__(self, base_url: str | None = None, secure: bool = False) -> None:
        self.app = app = Flask(__name__)
        self.keys: list[str | bytes | None] = ["first key"]
        self.csrf = csrf = Csrf(lambda: self.keys, base_url, (FRONT,), COOKIE, secure)
        app.after_request(csrf.finish)
        app.add_url_rule("/", "page", lambda: "hello")
        app.add_url_rule("/form", "form", lambda: csrf.token())
        app.add_url_rule("/public", "public", self.public)
        app.add_url_rule("/private", "private", self.private)
        app.add_url_rule("/change", "change", self.change, methods=["GET", "POST", "DELETE"])
        app.add_url_rule("/login", "login", self.login, methods=["POST"])
        app.add_url_rule("/once-more", "again", self.again, methods=["POST"])
        app.register_error_handler(CrossSite, lambda error: (error.code, error.status))

    def public(self) -> Response:
        return self._saying("public, max-age=60")

    def private(self) -> Response:
        return self._saying("private, no-cache")

    def _saying(self, cache_control: str) -> Response:
        return Response(self.csrf.token(), headers={"Cache-Control": cache_control})

    def change(self) -> str:
        self.csrf.check(request)
        return "changed"

    def login(self) -> str:
        self.csrf.check(request)
        self.csrf.forget()
        return "welcome"

    def again(self) -> str:
        self.csrf.check(request)
        self.csrf.forget()
        return self.csrf.token()


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def browser(site: Site) -> FlaskClient:
    return site.app.test_client()


def token_of(browser: FlaskClient) -> str:
    return browser.get("/form").get_data(as_text=True)


def test_a_form_in_an_old_browser_works_before_anyone_is_logged_in(browser: FlaskClient) -> None:
    assert browser.post("/change", data={FIELD: token_of(browser)}).data == b"changed"


def test_a_form_under_no_referrer_works_where_origin_is_null(browser: FlaskClient) -> None:
    token = token_of(browser)
    assert browser.post("/change", data={FIELD: token}, headers={"Origin": "null"}).status_code == 200
    assert browser.post("/change", headers={"Origin": "null"}, data={}).status_code == 403


def test_a_file_upload_carries_the_token_too(browser: FlaskClient) -> None:
    token = token_of(browser)
    sent = browser.post("/change", data={FIELD: token, "picture": (io.BytesIO(b"x"), "x.png")})
    assert sent.data == b"changed"


@pytest.mark.parametrize("header", ["X-CSRF-Token", "X-CSRFToken"])
def test_a_script_may_send_the_token_in_a_header(browser: FlaskClient, header: str) -> None:
    headers = {header: token_of(browser), "Origin": "null"}
    assert browser.post("/change", json={}, headers=headers).status_code == 200


def test_a_form_without_token_is_refused(browser: FlaskClient) -> None:
    token_of(browser)
    for data in (
        {"x": "y"},
        {FIELD: ""},
        {FIELD: "x" * 64},
        {FIELD: "é" * 64},
        {FIELD: "A" * 63 + "!"},
        {"csrf_token": "x"},
    ):
        answer = browser.post("/change", data=data)
        assert (answer.status_code, answer.data) == (403, b"cross_site")


def test_a_token_does_not_save_a_request_from_another_site(browser: FlaskClient) -> None:
    token = token_of(browser)
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
        assert browser.post("/change", data={FIELD: token}, headers=headers).status_code == 403


def test_a_foreign_origin_is_refused_even_with_a_token() -> None:
    browser = Site(HERE).app.test_client()
    data, evil = {FIELD: token_of(browser)}, {"Origin": "https://evil.example"}
    assert browser.post("/change", data=data, headers=evil).status_code == 403
    assert browser.post("/change", data=data, headers={"Origin": HERE}).status_code == 200


def test_a_token_of_another_browser_is_refused(site: Site, browser: FlaskClient) -> None:
    token_of(browser)
    stolen = token_of(site.app.test_client())
    assert browser.post("/change", data={FIELD: stolen}).status_code == 403


def test_a_token_without_its_cookie_is_refused(site: Site, browser: FlaskClient) -> None:
    stolen = token_of(browser)
    assert site.app.test_client().post("/change", data={FIELD: stolen}).status_code == 403


@pytest.mark.asvs("9.2.3", "9.2.4")
def test_a_token_of_another_app_is_refused(browser: FlaskClient) -> None:
    other = Site()
    other.keys = ["another key"]
    stranger = other.app.test_client()
    stranger.set_cookie(COOKIE, cookie_of(browser, token_of(browser)))
    assert browser.post("/change", data={FIELD: token_of(stranger)}).status_code == 403


def cookie_of(browser: FlaskClient, _shown: str = "") -> str:
    cookie = browser.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def test_a_token_is_not_kept_across_a_login(browser: FlaskClient) -> None:
    before = token_of(browser)
    planted = cookie_of(browser)
    answer = browser.post("/login", data={FIELD: before})
    assert answer.data == b"welcome"
    assert browser.get_cookie(COOKIE) is None
    assert browser.post("/change", data={FIELD: before}).status_code == 403
    after = token_of(browser)
    assert cookie_of(browser) != planted
    assert browser.post("/change", data={FIELD: before}).status_code == 403
    assert browser.post("/change", data={FIELD: after}).status_code == 200


def test_a_form_shown_in_the_answer_to_a_login_already_has_the_new_token(browser: FlaskClient) -> None:
    before = token_of(browser)
    after = browser.post("/once-more", data={FIELD: before}).get_data(as_text=True)
    assert browser.post("/change", data={FIELD: before}).status_code == 403
    assert browser.post("/change", data={FIELD: after}).status_code == 200


def test_logging_in_without_ever_seeing_a_form_removes_no_cookie(browser: FlaskClient) -> None:
    answer = browser.post("/login", json={})
    assert answer.data == b"welcome"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.asvs("11.2.2", "13.3.4")
def test_a_form_of_yesterday_works_after_the_key_was_changed(site: Site, browser: FlaskClient) -> None:
    yesterday = token_of(browser)
    site.keys = [b"second key", "first key"]
    assert browser.post("/change", data={FIELD: yesterday}).status_code == 200
    today = token_of(browser)
    site.keys = [b"second key"]
    assert browser.post("/change", data={FIELD: yesterday}).status_code == 403
    assert browser.post("/change", data={FIELD: today}).status_code == 200


def test_two_tabs_of_one_browser_both_work(browser: FlaskClient) -> None:
    first, second = token_of(browser), token_of(browser)
    assert first != second  # a nonce each, against BREACH
    for token in (second, first, first):
        assert browser.post("/change", data={FIELD: token}).status_code == 200


def test_a_page_without_a_form_sets_no_cookie_and_may_be_cached(browser: FlaskClient) -> None:
    for answer in (browser.get("/"), browser.post("/change", json={}), browser.post("/change", data={"x": 1})):
        assert "Set-Cookie" not in answer.headers
        assert "Vary" not in answer.headers
        assert "Cache-Control" not in answer.headers


def test_a_page_with_a_form_is_never_served_to_another(browser: FlaskClient) -> None:
    for path in ("/public", "/private", "/form"):
        answer = browser.get(path)
        assert "Cookie" in answer.vary
        assert not answer.cache_control.public
    first, later = browser.application.test_client().get("/private"), browser.get("/private")
    assert first.headers["Cache-Control"] == "no-store"  # it sets the cookie
    assert later.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.asvs("3.3.1", "3.3.2", "3.3.4")
def test_the_cookie_is_kept_from_scripts_sister_hosts_and_plain_http() -> None:
    for secure in (True, False):
        header = Site(secure=secure).app.test_client().get("/form").headers["Set-Cookie"]
        parts = {part.strip() for part in header.split(";")[1:]}
        assert parts == {"HttpOnly", "Path=/", "SameSite=Lax"} | ({"Secure"} if secure else set())


@pytest.mark.parametrize("planted", ["", "x", "x" * 4_000, "é" * 43, "a" * 42, '"' * 43])
def test_a_malformed_cookie_is_replaced(browser: FlaskClient, planted: str) -> None:
    browser.set_cookie(COOKIE, planted)
    assert browser.post("/change", data={FIELD: "x" * 64}).status_code == 403
    token = token_of(browser)
    assert browser.post("/change", data={FIELD: token}).status_code == 200


def test_an_outer_app_context_does_not_mix_two_browsers(site: Site) -> None:
    with site.app.app_context():
        first, second = site.app.test_client(), site.app.test_client()
        tokens = token_of(first), token_of(second)
        assert cookie_of(first) != cookie_of(second)
        assert first.post("/change", data={FIELD: tokens[1]}).status_code == 403


def test_reading_is_always_allowed(browser: FlaskClient) -> None:
    for method in (browser.get, browser.head, browser.options):
        assert method("/change", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_host_with_flask_wtf_keeps_its_field_and_one_without_may_use_its_name(browser: FlaskClient) -> None:
    token = token_of(browser)
    assert browser.post("/change", data={FIELD: token, "csrf_token": "Flask-WTF's own"}).status_code == 200
    assert browser.post("/change", data={"csrf_token": token}).status_code == 200
    assert browser.post("/change", data={"csrf_token": "Flask-WTF's own"}).status_code == 403


def test_without_a_secret_key_the_developer_is_told_and_nothing_passes(site: Site, browser: FlaskClient) -> None:
    token = token_of(browser)
    site.keys = [None, ""]
    assert browser.post("/change", data={FIELD: token}).status_code == 403
    with site.app.test_request_context(), pytest.raises(ConfigurationError, match="SECRET_KEY"):
        site.csrf.token()


@pytest.mark.asvs("16.3.3")
def test_a_developer_reads_in_the_log_why_a_form_was_refused(caplog: pytest.LogCaptureFixture) -> None:
    browser = Site(HERE).app.test_client()
    with caplog.at_level(logging.WARNING, "housekey"):
        browser.post("/change", data={FIELD: "secret" * 10}, headers={"Origin": "http://127.0.0.1:5000"})
    (line,) = caplog.messages
    assert "http://127.0.0.1:5000" in line
    assert HERE in line
    assert "secret" not in line


async def host_view_async() -> str:
    return "changed"


@pytest.mark.parametrize("view", [lambda: "changed", host_view_async])
def test_a_host_guards_a_view_of_its_own_by_a_decorator(site: Site, view: Any) -> None:
    site.app.extensions[EXTENSION] = SimpleNamespace(csrf=site.csrf)
    site.app.add_url_rule("/host", "host", csrf_protected(view), methods=["POST"])
    browser = site.app.test_client()
    assert browser.post("/host", data={"x": 1}).status_code == 403
    assert browser.post("/host", data={"x": 1, FIELD: token_of(browser)}).data == b"changed"


KEYS = st.text(min_size=1) | st.binary(min_size=1)


@given(st.text(max_size=70), KEYS)
def test_no_text_is_a_token_by_chance(text: str, key: str | bytes) -> None:
    assert not is_form_token(text, "browser", [key])


@pytest.mark.asvs("9.1.1", "9.1.2", "9.1.3")
@given(KEYS, KEYS, st.integers(0, 63))
def test_a_token_holds_for_its_browser_and_key_only_and_can_not_be_changed(
    key: str | bytes, other: str | bytes, place: int
) -> None:
    token = form_token("browser", key)
    assert is_form_token(token, "browser", [other, key])
    assert not is_form_token(token, "another", [key])
    changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    assert not is_form_token(changed, "browser", [key])
