"""The two faces: who is let in, what is read, what is answered, and what a refused form shows."""

import io
import json
from pathlib import Path
from urllib.parse import quote

import msgspec
import pytest
from flask import Blueprint, Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from werkzeug.test import create_environ, run_wsgi_app

from housekey.errors import ConfigurationError
from housekey.web import problems
from housekey.web.inputs import MAX_BODY_BYTES
from housekey.web.mount import mount_api, mount_pages
from housekey.web.routes import ANYONE, FRESH, LOGGED_IN, Access, Routes, permission
from web.stand_in import ANN, BOSS, STALE, is_problem, make_app

GOOD = {"name": "lamp", "secret": "hunter2"}
CROSS = {"Sec-Fetch-Site": "cross-site"}


@pytest.fixture(scope="module")
def app():
    return make_app()


@pytest.fixture
def client(app):
    return app.test_client()


def by(person):
    return {"X-Person": person}


def faults_in(answer):
    return {name: [f["code"] for f in found] for name, found in answer.get_json()["fields"].items()}


# JSON: answers


def test_a_struct_is_answered_with_the_first_declared_status(client):
    answer = client.post("/account/api/things", json=GOOD)
    assert (answer.status_code, answer.mimetype) == (201, "application/json")
    assert answer.get_json() == {"id": "1", "name": "lamp", "kept_at": "2026-01-31T12:00:00Z"}


def test_a_view_may_choose_another_status(client):
    answer = client.post("/account/api/things", json=GOOD | {"count": 2})
    assert (answer.status_code, answer.get_json()) == (202, {"things": []})


def test_nothing_is_answered_with_204(client):
    answer = client.delete("/account/api/things/1", headers=by(ANN))
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Content-Type" not in answer.headers


def test_head_and_options_are_answered(client):
    head = client.head("/account/api/things", headers=by(ANN))
    assert (head.status_code, head.data) == (200, b"")
    options = client.options("/account/api/things")
    assert options.status_code == 200
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_an_input_may_depend_on_the_app(client):
    assert client.post("/account/api/declared", json=GOOD).status_code == 204
    assert set(faults_in(client.post("/account/api/declared", json={}))) == {"name", "secret"}


# JSON: refusals


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"data": b"{", "content_type": "application/json"}, 400, "malformed_request"),
        ({"data": b"{}", "content_type": "text/plain"}, 415, "unsupported_media_type"),
        ({"data": b"name=x", "content_type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        ({}, 415, "unsupported_media_type"),
        ({"json": {}}, 422, "invalid_input"),
        ({"json": GOOD | {"is_admin": True}}, 422, "invalid_input"),
        ({"json": GOOD | {"secret": "x" * MAX_BODY_BYTES}}, 413, "payload_too_large"),
        ({"json": GOOD, "headers": CROSS}, 403, "cross_site"),
        ({"json": {"name": "credentials", "secret": "x"}}, 401, "invalid_credentials"),
        ({"json": {"name": "limit", "secret": "x"}}, 429, "too_many_attempts"),
        ({"json": {"name": "busy", "secret": "x"}}, 503, "busy"),
        ({"json": {"name": "conflict", "secret": "x"}}, 409, "conflict"),
    ],
)
def test_every_refusal_is_problem_details(client, sent, status, code):
    answer = client.post("/account/api/things", **sent)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert is_problem(answer)


def test_a_limit_says_how_long_to_wait(client):
    answer = client.post("/account/api/things", json={"name": "limit", "secret": "x"})
    assert (answer.headers["Retry-After"], answer.get_json()["retry_after"]) == ("30", 30)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/account/api/nothing", 404, "not_found"),
        ("GET", "/account/api", 404, "not_found"),
        ("GET", "/account/api/", 404, "not_found"),
        ("PUT", "/account/api/things", 405, "method_not_allowed"),
        ("PATCH", "/account/api/things/one", 405, "method_not_allowed"),
    ],
)
def test_what_does_not_exist_in_the_api_is_problem_details_too(client, method, path, status, code):
    answer = client.open(path, method=method)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)
    assert is_problem(answer)
    assert ("Allow" in answer.headers) == (status == 405)


def test_other_unknown_paths_are_the_hosts(client):
    for path in ("/account/apix", "/account/nothing", "/nothing"):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_a_hosts_404_page_never_answers_in_the_api():
    app = make_app()
    app.register_error_handler(404, lambda error: ("the host's page", 404))
    problems.handle_unknown_paths(app, "/account")  # as before the first request of a real app
    client = app.test_client()
    assert is_problem(client.get("/account/api/nothing"))
    assert is_problem(client.patch("/account/api/things/404", json={}, headers=by(BOSS)))
    assert client.get("/nothing").data == b"the host's page"


@pytest.mark.asvs("16.5.1", "16.5.4")
def test_a_failure_of_ours_tells_nothing_of_it(app):
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        answer = app.test_client().post("/account/api/broken")
    finally:
        app.config["PROPAGATE_EXCEPTIONS"] = None
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal_error")
    assert b"hunter2" not in answer.data


def test_a_body_that_does_not_tell_its_length_cannot_pass_the_limit(app):
    environ = create_environ("/account/api/things", method="POST", content_type="application/json")
    environ |= {"wsgi.input": Endless(), "wsgi.input_terminated": True}
    environ.pop("CONTENT_LENGTH", None)
    body, status, _ = run_wsgi_app(app, environ, buffered=True)
    assert (status, msgspec.json.decode(b"".join(body))["code"]) == (
        "413 REQUEST ENTITY TOO LARGE",
        "payload_too_large",
    )


class Endless(io.RawIOBase):
    def readable(self):
        return True

    def readinto(self, buffer):
        buffer[:] = b"x" * len(buffer)
        return len(buffer)


def test_a_hosts_smaller_limit_holds(app):
    app.config["MAX_CONTENT_LENGTH"] = 10
    try:
        assert app.test_client().post("/account/api/things", json=GOOD).status_code == 413
    finally:
        app.config["MAX_CONTENT_LENGTH"] = None


def test_a_limit_that_a_host_already_set_for_the_request_is_kept_for_its_own_views(client):
    assert client.post("/host/x", data=b"x" * (MAX_BODY_BYTES + 1)).status_code == 200


# Who is let in


@pytest.mark.parametrize(
    ("person", "status", "code"),
    [(None, 401, "not_logged_in"), (ANN, 403, "forbidden"), (BOSS, 200, None), (STALE, 200, None)],
)
def test_a_permission_is_needed(client, person, status, code):
    answer = client.patch("/account/api/things/1", json={}, headers=by(person) if person else {})
    assert (answer.status_code, answer.get_json().get("code")) == (status, code)


@pytest.mark.parametrize(
    ("person", "status", "code"),
    [(None, 401, "not_logged_in"), (STALE, 401, "reauthentication_required"), (ANN, 204, None)],
)
def test_a_recent_proof_is_needed(client, person, status, code):
    answer = client.delete("/account/api/things/1", headers=by(person) if person else {})
    assert answer.status_code == status
    assert code is None or answer.get_json()["code"] == code


def test_nobody_learns_about_input_who_is_not_let_in(client):
    assert client.patch("/account/api/things/1", data=b"{", content_type="text/plain").status_code == 401


def test_an_empty_permission_is_refused_when_declared():
    with pytest.raises(ConfigurationError, match="everyone"):
        permission("")
    assert (ANYONE, LOGGED_IN.logged_in, FRESH.fresh) == (Access(), True, True)


def test_a_number_that_no_row_can_have_is_not_found(client):
    assert is_problem(client.patch("/account/api/things/99999999999999999999", json={}, headers=by(BOSS)))


def test_a_nul_in_a_path_is_not_found(client):
    assert is_problem(client.delete("/account/api/things/a%00b", headers=by(ANN)))


# Queries


def test_a_query_is_read_with_its_defaults(client):
    assert "count=1|" in client.get("/account/things").text
    assert "count=7|" in client.get("/account/things?page=7&utm_source=x").text


@pytest.mark.parametrize("query", ["page=0", "page=1001", "page=x", "page=" + "9" * 30, "page=1&page=2", "query=%00"])
def test_a_bad_query_is_told(client, query):
    answer = client.get(f"/account/api/things?{query}", headers=by(ANN))
    assert answer.status_code == 422
    assert is_problem(answer)
    page = client.get(f"/account/things?{query}")
    assert (page.status_code, page.text) == (422, "error 422: Please check what you entered.")


# Pages


def test_a_good_form_goes_on_with_303(client):
    answer = client.post("/account/things", data=GOOD)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/things")


def test_a_refused_form_is_shown_again_with_what_was_typed_and_what_is_wrong(client):
    answer = client.post("/account/things?page=7", data={"name": "x", "secret": "hunter2", "count": "99"})
    assert answer.status_code == 422
    assert "|name=x|secret=None|fault=Name needs at least 2 characters.|count=7|" in answer.text
    assert "[name:too_short:Name needs at least 2 characters.][count:too_large:" in answer.text
    assert "hunter2" not in answer.text


def test_the_first_view_of_a_form_shows_no_faults(client):
    assert "|name=nothing typed|secret=None|fault=|count=1||csrf=a-token|" in client.get("/account/things").text
    client.post("/account/things", data={"name": "x"})
    assert "|name=nothing typed|" in client.get("/account/things").text


@pytest.mark.parametrize(
    ("name", "status", "shown"),
    [
        ("invalid", 422, "[name:taken:That name is taken.]"),
        ("credentials", 401, "[:invalid_credentials:That name and password don&#39;t match"),
        ("limit", 429, "[:too_many_attempts:"),
        ("busy", 503, "[:busy:"),
        ("conflict", 409, "[:conflict:"),
    ],
)
def test_what_the_view_itself_refuses_is_shown_on_the_page_too(client, name, status, shown):
    answer = client.post("/account/things", data={"name": name, "secret": "hunter2"})
    assert answer.status_code == status
    assert f"|name={name}|" in answer.text
    assert shown in answer.text
    assert ("Retry-After" in answer.headers) == (status in (429, 503))


def test_what_was_typed_cannot_bring_markup(client):
    answer = client.post("/account/things", data={"name": "<b>x</b>" * 9, "secret": "x"})
    assert "&lt;b&gt;x" in answer.text
    assert "<b>" not in answer.text


def test_a_form_from_another_site_is_shown_empty(client):
    answer = client.post("/account/things", data=GOOD, headers=CROSS)
    assert answer.status_code == 403
    assert "[:cross_site:" in answer.text
    assert "|name=nothing typed|" in answer.text


def test_a_page_that_leads_elsewhere_does_so_after_a_refusal_too(client):
    answer = client.post("/account/moved")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/things")


def test_another_page_may_be_shown_again(client):
    answer = client.post("/account/things/gone/end", headers=by(ANN))
    assert answer.status_code == 404
    assert "[:not_found:There is nothing here.]" in answer.text


def test_without_a_page_to_show_again_the_error_has_its_own(client):
    answer = client.post("/account/alone")
    assert (answer.status_code, answer.mimetype) == (409, "text/html")
    assert answer.text.startswith("error 409: ")


def test_a_refused_form_never_shows_a_page_that_is_not_open_to_the_sender(client):
    answer = client.post("/account/secret", headers=by(ANN))
    assert (answer.status_code, answer.text) == (403, "error 403: You don&#39;t have permission to do this.")
    cross = client.post("/account/secret", headers=CROSS)
    assert cross.status_code == 403
    assert "secret" not in cross.text


def test_who_is_not_logged_in_is_led_to_the_login_and_back(client):
    answer = client.get("/account/own?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/account/login?next=%2Faccount%2Fown%3Fx%3D1")


def test_after_a_post_one_is_led_back_to_the_page_that_was_there(client):
    from_page = {"Referer": "http://localhost/account/own?x=1"}
    answer = client.post("/account/things/1/end", headers=from_page)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/login?next=/account/own?x%3D1")
    answer = client.post("/account/things/1/end", headers=by(STALE) | from_page)
    assert answer.headers["Location"] == "/account/reauthenticate?next=/account/own?x%3D1"


@pytest.mark.parametrize(
    "referer", ["", "http://evil.example/account/own", "http://localhost//evil.example", "x", "http://["]
)
def test_a_post_from_an_unknown_page_leads_nowhere_else(client, referer):
    answer = client.post("/account/things/1/end", headers={"Referer": referer})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/login")


def test_a_page_may_ask_for_a_recent_proof(client):
    answer = client.get("/account/secret", headers=by(STALE))
    assert answer.headers["Location"] == "/account/reauthenticate?next=%2Faccount%2Fsecret"


def test_programs_get_problem_details_from_pages_too(client):
    for answer in (
        client.post("/account/things", data={}, headers={"Accept": "application/json"}),
        client.get("/account/own", headers={"Accept": "application/json"}),
        client.post("/account/things", json=GOOD),
    ):
        assert is_problem(answer)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"data": b"name=caf%E9&secret=x", "content_type": "application/x-www-form-urlencoded"}, 400),
        ({"data": b"name=caf\xe9&secret=x", "content_type": "application/x-www-form-urlencoded"}, 400),
        ({"data": b"name=x&secret=x", "content_type": "application/x-www-form-urlencoded; charset=utf-16"}, 415),
        ({"data": b"name=x", "content_type": "text/plain"}, 415),
        ({"data": b'--b\r\nContent-Disposition: form-data; name="name"\r\n\r\ncaf\xe9\r\n--b--\r\n',
          "content_type": "multipart/form-data; boundary=b"}, 400),
        ({"data": b"", "content_type": None}, 422),
        ({"data": b"x" * (MAX_BODY_BYTES + 1), "content_type": "application/x-www-form-urlencoded"}, 413),
        ({"data": b"&".join([b"a=1"] * 5000), "content_type": "application/x-www-form-urlencoded"}, 422),
        ({"data": b"garbage", "content_type": "multipart/form-data; boundary=b"}, 422),
        ({"data": b"garbage", "content_type": "multipart/form-data"}, 422),
        ({"data": b"name=a&name=b&secret=x", "content_type": "application/x-www-form-urlencoded"}, 422),
    ],
)  # fmt: skip
def test_forms_that_cannot_be_read_are_refused(client, sent, status):
    answer = client.post("/account/things", **sent)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")


def test_a_multipart_form_is_read(client):
    answer = client.post("/account/things", data=GOOD | {"name": "café"}, content_type="multipart/form-data")
    assert answer.status_code == 303


def test_async_views_work_on_both_faces(client):
    assert client.get("/account/slow?page=3").text == "slow 3"
    again = client.post("/account/slow", data={})
    assert (again.status_code, again.text) == (409, "slow 1")


# What the frame of every page holds


def test_templates_find_what_they_are_promised(client):
    shown = client.get("/account/own", headers=by(BOSS)).text
    assert (
        "|boss|Notebook|housekey/base.html|(Things /account/own here)(Manage /account/secret)|Page 1 of 2|||" in shown
    )


def test_the_menu_shows_only_what_is_open_to_one(client):
    assert "|(Things /account/own here)|" in client.get("/account/own", headers=by(ANN)).text
    assert "|nobody|Notebook|housekey/base.html||Page" in client.get("/account/things").text


def test_a_site_without_a_name_is_called_by_its_app():
    assert "|standin|" in make_app(site_name=None).test_client().get("/account/things").text


# Mistakes of the one who declares


class Whatever(Struct):
    x: int


def mounting(declare, mount=mount_pages):
    routes = Routes()
    declare(routes)
    mount(Blueprint("b", __name__), routes)
    return routes


def test_a_get_takes_no_form():
    with pytest.raises(ConfigurationError, match="a GET takes no form"):
        mounting(lambda routes: routes.get("/", name="x", input=Whatever)(lambda form: ""))


def test_each_face_has_its_word_for_what_comes_in():
    for parameter, mount in (("body", mount_pages), ("form", mount_api)):
        view = {"body": lambda body: "", "form": lambda form: ""}[parameter]
        with pytest.raises(ConfigurationError, match="pages take `form`, the API takes `body`"):
            mounting(lambda routes, view=view: routes.post("/", name="x", input=Whatever)(view), mount)


def test_a_page_to_show_again_must_exist():
    with pytest.raises(ConfigurationError, match='no page named again="nowhere"'):
        mounting(lambda routes: routes.post("/", name="x", again="nowhere")(lambda: ""))


def test_a_page_to_show_again_must_find_its_place_in_the_path():
    def declare(routes):
        routes.get("/things/<thing_id>", name="thing")(lambda thing_id: "")
        routes.post("/things", name="x", again="thing")(lambda: "")

    with pytest.raises(ConfigurationError, match="lacks what /things/<thing_id> needs"):
        mounting(declare)


def test_what_comes_in_needs_a_struct():
    routes = mounting(lambda routes: routes.post("/", name="x", input=dict)(lambda body: None), mount_api)
    with pytest.raises(ConfigurationError, match=r"x\(\): what comes in needs a msgspec.Struct"):
        next(iter(routes)).input_struct(None)


def test_an_annotation_that_cannot_be_found_is_told():
    def view(body: "Nowhere"): ...  # noqa: F821

    routes = mounting(lambda routes: routes.post("/")(view), mount_api)
    with pytest.raises(ConfigurationError, match=r"view\(\): name 'Nowhere' is not defined"):
        next(iter(routes)).input_struct(None)


# Nothing a client sends is our failure

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
CALLS = [
    ("POST", "/account/api/things"), ("PATCH", "/account/api/things/1"), ("DELETE", "/account/api/things/1"),
    ("GET", "/account/api/things"),
]  # fmt: skip


def test_no_naughty_string_is_our_failure(client):
    for text in json.loads((Path(__file__).parents[1] / "data" / "naughty_strings.json").read_text()):
        sent = {"name": text, "secret": text, "count": text, "private": text}
        page = client.post("/account/things", data=sent)
        answer = client.post("/account/api/things", json=sent)
        query = client.get("/account/things", query_string={"query": text, "page": text})
        place = client.delete(f"/account/api/things/{quote(text, safe='')}", headers=by(ANN))
        assert max(page.status_code, answer.status_code, query.status_code, place.status_code) < 500, text
        assert "<script" not in page.text.lower()
        assert is_problem(answer)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(call=st.sampled_from(CALLS), field=st.sampled_from(["name", "secret", "count", "private", "else"]), value=JSON)
def test_no_json_is_our_failure(client, call, field, value):
    method, path = call
    answer = client.open(path, method=method, json=GOOD | {field: value}, headers=by(BOSS))
    assert answer.status_code < 500 or (answer.status_code, value) == (503, "busy")
    assert answer.status_code < 400 or is_problem(answer)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(
        ["/account/things", "/account/slow", "/account/things/x/end", "/account/secret", "/account/api/things"]
    ),
    body=st.binary(max_size=200),
    content_type=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=b",
            "multipart/form-data",
            "application/json",
        ]
    )
    | st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    accept=st.sampled_from(["", "*/*", "text/html", "application/json"])
    | st.text(st.characters(min_codepoint=32, max_codepoint=126)),
)
def test_no_bytes_are_our_failure(client, path, body, content_type, accept):
    answer = client.post(path, data=body, content_type=content_type, headers=by(BOSS) | {"Accept": accept})
    assert answer.status_code < 500


def test_a_host_that_reads_the_form_first_does_no_harm():
    app = make_app()

    @app.before_request
    def look():
        from flask import request

        request.form.get("csrf_token")

    client = app.test_client()
    assert client.post("/account/things", data=GOOD).status_code == 303
    assert client.post("/account/things", data={"name": "x"}).status_code == 422


def test_one_declaration_serves_two_apps():
    first, second = make_app(), make_app("Other")
    second.extensions["housekey"].house.declared = Whatever
    assert first.test_client().post("/account/api/declared", json=GOOD).status_code == 204
    assert set(faults_in(second.test_client().post("/account/api/declared", json={}))) == {"x"}
    assert isinstance(second, Flask)
    assert msgspec.json.decode(second.test_client().get("/account/api/openapi.json").data)["info"]["title"] == (
        "Accounts of Other"
    )
