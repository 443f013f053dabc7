"""Who gets problem details and who gets a page; and what neither ever shows."""

import msgspec
import pytest
from flask import Flask, abort, redirect, render_template, request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest, TooManyRequests, default_exceptions

from housekey.errors import InvalidInput, Refused
from housekey.web.problems import HTTP_CODES, Told, wants_json
from web.stand_in import ANN, STALE, forbid, is_problem, make_app

CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
AXIOS = "application/json, text/plain, */*"
JQUERY_JSON = "application/json, text/javascript, */*; q=0.01"
XHR = "XMLHttpRequest"


def asks_for_json(accept=None, content_type=None, requested_with=None, path="/host/x"):
    headers = {"Accept": accept, "X-Requested-With": requested_with}
    app = make_app()
    with app.test_request_context(
        path, method="POST", headers={k: v for k, v in headers.items() if v is not None}, content_type=content_type
    ):
        return wants_json(request)


@pytest.mark.parametrize(
    ("accept", "content_type", "requested_with", "json"),
    [
        (CHROME, None, None, False),
        ("*/*", None, None, False),
        (None, None, None, False),
        ("", None, None, False),
        ("application/json", None, None, True),
        ("application/problem+json", None, None, True),
        ("Application/JSON; charset=utf-8", None, None, True),
        ("application/*", None, None, True),
        (AXIOS, None, None, True),
        (JQUERY_JSON, None, XHR, True),
        ("application/json;q=0.5, text/html", None, None, False),
        ("application/json, text/html;q=0.5", None, None, True),
        ("application/json, text/html", None, None, False),
        ("application/json;q=0", None, None, False),
        ("application/json;q=0.1, */*", None, None, False),
        ("text/html;q=0, application/json", None, None, True),
        ("*/*", "application/json", None, True),
        (None, "application/json; charset=utf-8", None, True),
        (None, "application/vnd.api+json", None, True),
        (CHROME, "application/json", None, False),
        (None, "application/x-www-form-urlencoded", None, False),
        ("*/*", None, XHR, True),
        ("text/html, */*; q=0.01", None, XHR, False),
        ("*/*", None, "com.example.app", False),
        ("image/png", None, None, False),
        ("application/json;q=nonsense", None, None, False),
    ],
)
def test_accept_decides_then_the_body_then_xhr(accept, content_type, requested_with, json):
    assert asks_for_json(accept, content_type, requested_with) is json


def test_in_the_api_everyone_gets_json():
    assert asks_for_json(CHROME, path="/account/api/things")


@given(accept=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
def test_no_accept_header_is_too_odd(accept):
    with Flask("any").test_request_context(headers={"Accept": accept}):
        assert wants_json(request) in (True, False)


# A host's own views


@pytest.fixture
def app():
    return make_app()


def test_what_a_hosts_view_refuses_is_a_page_for_people_and_a_problem_for_programs(app):
    client = app.test_client()
    page, answer = client.get("/host/conflict"), client.get("/host/conflict", headers={"Accept": "application/json"})
    assert (page.status_code, page.mimetype) == (409, "text/html")
    assert is_problem(answer)
    assert answer.get_json()["code"] == "conflict"


def test_people_who_are_not_logged_in_are_led_to_the_login_from_a_hosts_view(app):
    app.add_url_rule("/mine", "mine", lambda: demand_login())
    answer = app.test_client().get("/mine")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login?next=%2Fmine")
    assert is_problem(app.test_client().get("/mine", headers={"Accept": AXIOS}))


def demand_login():
    from housekey.web.guards import demand

    return demand().name


def test_a_hosts_login_page_is_where_one_is_led(app):
    app.add_url_rule("/sign-in", "sign_in", lambda: "own page")
    app.login_manager.login_view = "sign_in"
    assert app.test_client().post("/account/things/1/end").headers["Location"] == "/sign-in"


def test_without_any_login_page_the_error_has_its_own(app):
    app.login_manager.login_view = None
    answer = app.test_client().get("/account/own")
    assert (answer.status_code, answer.text) == (401, "error 401: Please log in to go on.")


def test_a_hosts_forbidden_handler_answers_people(app):
    forbid(app, lambda error: redirect("/"))
    client = app.test_client()
    assert client.get("/host/forbidden").headers["Location"] == "/"
    assert is_problem(client.get("/host/forbidden", headers={"Accept": "application/json"}))


def test_a_hosts_page_for_a_status_comes_before_ours(app):
    app.register_error_handler(403, lambda error: (render_template("host403.html"), 403))
    client = app.test_client()
    for path in ("/host/forbidden", "/account/secret"):
        answer = client.get(path, headers={"X-Person": ANN})
        assert (answer.status_code, answer.text) == (403, "the host's own page")
    assert client.get("/host/conflict").text.startswith("error 409: ")


def test_a_hosts_handler_for_everything_sees_the_status(app):
    from werkzeug.exceptions import HTTPException

    app.register_error_handler(HTTPException, lambda error: (f"all errors: {error.code}", error.code))
    assert app.test_client().get("/host/forbidden").text == "all errors: 403"
    assert app.test_client().get("/account/secret", headers={"X-Person": ANN}).text == (
        "error 403: You don&#39;t have permission to do this."
    )


def test_what_flask_refuses_in_our_pages_is_a_page_or_a_problem(app):
    app.add_url_rule("/account/teapot", "housekey.teapot", lambda: abort(418))
    app.add_url_rule("/account/gone", "housekey.gone", lambda: abort(redirect("/else")))
    client = app.test_client()
    page, answer = client.get("/account/teapot"), client.get("/account/teapot", headers={"Accept": "application/json"})
    assert (page.status_code, page.text) == (418, "error 418: This request was refused.")
    assert is_problem(answer)
    assert answer.get_json()["code"] == "http_418"
    assert client.get("/account/gone").headers["Location"] == "/else"


def test_failures_of_the_server_stay_flasks_own_on_our_pages(app):
    app.add_url_rule("/account/down", "housekey.down", lambda: abort(503))
    assert "Service Unavailable" in app.test_client().get("/account/down").text


# What is told


@pytest.mark.asvs("16.5.1")
def test_werkzeugs_own_words_are_not_shown():
    told = Told.of(BadRequest("KeyError: 'hunter2'"))
    assert (told.status, told.code, str(told.text)) == (400, "bad_request", "The request could not be read.")


def test_headers_of_an_error_go_along():
    assert Told.of(TooManyRequests(retry_after=7)).headers == {"Retry-After": "7"}
    assert "Content-Type" not in Told.of(BadRequest()).headers


@pytest.mark.parametrize("status", sorted(HTTP_CODES))
def test_codes_of_statuses_agree_with_those_of_our_errors(status):
    ours = {error.code for error in every_error() if error.status == status}
    code = HTTP_CODES[status][0]
    assert status in default_exceptions
    assert code in ours or not code.startswith(tuple(ours))


def every_error(kind=Refused):
    yield kind
    for below in kind.__subclasses__():
        yield from every_error(below)


def test_all_faults_stand_in_the_problem_as_on_the_page(app):
    with app.test_request_context("/account/api/things"):
        from housekey.kernel.texts import text
        from housekey.web.problems import problem

        told = msgspec.json.decode(problem(InvalidInput.of("email", "taken", text("Taken."))).data)
    assert told["fields"] == {"email": [{"code": "taken", "text": "Taken."}]}


def test_a_stale_session_is_told_what_would_do(app):
    answer = app.test_client().delete("/account/api/things/1", headers={"X-Person": STALE})
    assert answer.get_json()["methods"] == ["password"]
