"""What Housekey adds to an app as a whole."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException, InternalServerError

from housekey import Housekey
from housekey.errors import ConfigurationError
from rig.apps import small_app


@pytest.mark.asvs("3.4.3", "3.6.1", "14.2.3")
def test_our_pages_bear_a_strict_policy_and_load_nothing_from_elsewhere():
    answer = small_app().test_client().get("/account/login")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "object-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"(src|href)=\"https?:", answer.text)


def test_style_and_scripts_are_kept_for_ever_under_an_address_that_names_their_content():
    client = small_app().test_client()
    page = client.get("/account/login").text
    addresses = re.findall(r'(?:href|src)="(/account/static/[^"]+)"', page)
    assert len(addresses) > 3
    for address in addresses:
        answer = client.get(address.replace("&amp;", "&"), buffered=True)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
    assert "immutable" not in client.get(addresses[0].partition("?")[0], buffered=True).headers["Cache-Control"]


@pytest.mark.asvs("3.4.1")
def test_hsts_binds_the_whole_site_only_if_asked_and_over_https():
    app = small_app(HOUSEKEY_BASE_URL="https://example.org", HOUSEKEY_HSTS="365d")
    secure = app.test_client().get("/private", base_url="https://example.org")
    plain = app.test_client().get("/private", base_url="http://example.org")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Strict-Transport-Security" not in plain.headers
    assert "Strict-Transport-Security" not in small_app().test_client().get("/account/login").headers


def test_password_managers_find_the_page_to_change_the_password():
    answer = small_app().test_client().get("/.well-known/change-password")
    assert (answer.status_code, answer.location) == (302, "/account/password")


@pytest.mark.asvs("14.2.5")
@pytest.mark.parametrize("path", ["/account/api/nothing", "/account/api", "/account/api/"])
def test_an_unknown_path_of_the_api_is_problem_details(path):
    answer = small_app().test_client().get(path)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_an_unknown_method_of_the_api_names_those_that_are_known():
    answer = small_app().test_client().put("/account/api/login", json={})
    assert (answer.status_code, answer.json["code"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("kind", [404, HTTPException, Exception])
def test_the_hosts_own_404_page_keeps_all_other_paths(kind):
    app = small_app()
    app.register_error_handler(kind, lambda error: ("the host's page", 404))
    client = app.test_client()
    assert client.get("/nothing").text == "the host's page"
    assert client.get("/account/api/nothing").json["code"] == "not_found"


def test_a_handler_of_the_host_that_was_registered_before_is_kept_too():
    app = Flask("early")
    app.config.update(TESTING=True, SECRET_KEY="0123456789abcdef" * 2, SQLALCHEMY_DATABASE_URI="sqlite://")
    app.register_error_handler(404, lambda error: ("the host's page", 404))
    Housekey(app)
    assert app.test_client().get("/nothing").text == "the host's page"


def test_a_public_page_neither_asks_who_is_there_nor_says_so():
    app = small_app()
    app.add_url_rule("/public", "public", lambda: "hello")
    answer = app.test_client().get("/public")
    assert {"Set-Cookie", "Vary", "Cache-Control"}.isdisjoint(answer.headers.keys())


class TestABadSetUp:
    @pytest.mark.flaw(9)
    @pytest.mark.parametrize("key", [None, "dev", "short", "a" * 64, "secret key"])
    def test_no_key_that_others_may_know_signs_anything(self, key):
        app = small_app(TESTING=False, PROPAGATE_EXCEPTIONS=True)
        app.secret_key = key
        with pytest.raises(ConfigurationError, match="SECRET_KEY"):
            app.test_client().get("/private")

    def test_is_shown_to_the_developer_in_debug_mode(self):
        app = small_app(TESTING=False, DEBUG=True)

        @app.get("/wrong")
        def wrong() -> str:
            raise ConfigurationError("Call db.session.commit() first.")

        answer = app.test_client().get("/wrong")
        assert answer.status_code == 500
        assert "Call db.session.commit() first." in answer.text

    @pytest.mark.asvs("13.4.2", "16.5.1")
    def test_is_shown_to_nobody_else(self):
        app = small_app(TESTING=False, HOUSEKEY_PASSWORDS_HASH_PROFILE="light")

        @app.get("/wrong")
        def wrong() -> str:
            raise ConfigurationError("Call db.session.commit() first.")

        answer = app.test_client().get("/wrong", headers={"Accept": "text/html"})
        assert answer.status_code == 500
        assert "commit" not in answer.text
        assert "This site isn&#39;t ready yet" in answer.text, "visitors learn whom to ask"

    def test_without_a_key_the_first_page_says_how_to_make_one_in_debug_mode_alone(self, caplog):
        for debug in (True, False):
            app = small_app(TESTING=False, DEBUG=debug)
            app.secret_key = None
            answer = app.test_client().get("/account/login", headers={"Accept": "text/html"})
            assert answer.status_code == 500
            assert ("secrets.token_hex" in answer.text) is debug
        assert "SECRET_KEY is not set" in caplog.text, "the log of the server tells those who run it"

    @pytest.mark.asvs("16.3.4", "16.5.4")
    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            *(("/private", kind) for kind in (500, InternalServerError, HTTPException, Exception)),
            *(("/account/login", kind) for kind in (500, InternalServerError)),
        ],
    )
    def test_a_hosts_own_page_for_failures_comes_first(self, path, kind, caplog):
        app, failures = small_app(TESTING=False), []
        app.secret_key = None
        app.register_error_handler(kind, lambda error: failures.append(error) or ("our own words", 500))
        assert app.test_client().get(path, headers={"Accept": "text/html"}).text == "our own words"
        assert [type(failure.original_exception) for failure in failures] == [ConfigurationError]
        assert caplog.text.count("Traceback") == 1, "logged, and once"

    @pytest.mark.asvs("13.4.2", "15.2.3")
    def test_no_site_is_served_with_password_hashes_for_tests(self):
        app = small_app(TESTING=False, PROPAGATE_EXCEPTIONS=True)
        app.secret_key = "0123456789abcdefghijklmnopqrstuvwxyz"
        with pytest.raises(ConfigurationError, match="HASH_PROFILE"):
            app.test_client().get("/private")


@pytest.mark.parametrize(
    ("debug", "host", "settings"),
    [
        pytest.param(True, "localhost", {"SECRET_KEY": None}, id="no key, told to the developer"),
        pytest.param(False, "localhost", {"SECRET_KEY": None}, id="no key, told to visitors"),
        pytest.param(False, "example.org", {}, id="no address"),
    ],
)
def test_the_page_that_says_what_is_missing_has_its_style_sheet(debug, host, settings):
    app = small_app(TESTING=False, HOUSEKEY_PASSWORDS_HASH_PROFILE="light", **settings)
    app.debug, client, there = debug, app.test_client(), f"http://{host}"
    page = client.get("/account/login", base_url=there)
    assert page.status_code == 500
    linked = re.findall(r'(?:href|src)="(/account/static/[^"]+)"', page.text)
    assert linked
    assert [client.get(path, base_url=there, buffered=True).status_code for path in linked] == [200] * len(linked)
    assert client.get("/account/login", base_url=there).status_code == 500  # a style sheet doesn't open the site
