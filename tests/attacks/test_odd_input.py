"""No input is our failure (flaw 45): whatever stands in a field, a form, an address, a cookie or a header, the answer
is never a 500. The walks follow what is declared, so a new call is attacked as soon as it exists.

In testing an unexpected error isn't answered but raised, so that it fails these tests by itself.
"""

from __future__ import annotations

import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.proxy_fix import ProxyFix

from attacks.faces import ANN, FROM_OUR_PAGE, session_ids, who
from housekey.capabilities import CAPABILITIES
from housekey.web.fields import fields_of
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.people import administrator, house_of, id_of

NAUGHTY: list[str] = json.loads((Path(__file__).parent.parent / "data" / "naughty_strings.json").read_text())
ROOT = "root@example.test"


def nested(depth: int) -> Any:
    value: Any = []
    for number in range(depth):
        value = [value] if number % 2 else {"a": value}
    return value


VALUES: list[Any] = [
    None, True, 0, -1, 2**31, 2**63, 10**400, 0.5, 1e308,
    "", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", "x" * 129, "x" * 255, "x" * 60_000, "🔑" * 300, "\u202e", "\uffff",
    [], {}, [None], ["a", 1, None, {}], {"a": "b"}, {"$ne": None}, [[]] * 50, nested(10), nested(900),
]  # fmt: skip


class Unlimited:
    """What switches limits off, which would answer in place of the code that is tested."""

    settings = {
        "HOUSEKEY_THROTTLING_NETWORK_TRIES": 1_000_000,
        "HOUSEKEY_THROTTLING_NETWORK_REQUESTS": 1_000_000,
        "HOUSEKEY_THROTTLING_LOCK_AFTER": 1_000_000,
    }


@pytest.fixture
def open_app(database_url) -> Flask:
    app = small_app(database_url, **Unlimited.settings)
    registered(app)
    administrator(app)
    return app


@pytest.fixture
def open_quick_app() -> Flask:
    app = small_app(**Unlimited.settings)
    registered(app)
    administrator(app)
    return app


def root_of(app: Flask) -> FlaskClient:
    client = app.test_client()
    log_in(client, ROOT)
    return client


numbers = count()


def plausible(name: str, schema: dict[str, Any]) -> Any:
    """A value that passes as far as possible, so that the one that is odd is what is judged."""
    known = {
        "email": f"user{next(numbers)}@example.test",
        "identifier": ANN,
        "new": f"a long new password {next(numbers)}",
    }
    if name in ("password", "current"):
        return PASSWORD
    if name in known:
        return known[name]
    kinds = [part.get("type") for part in schema.get("anyOf", [schema])]
    return [] if "array" in kinds else False if "boolean" in kinds else None if "null" in kinds else "some text"


def declared(app: Flask) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, address and the schema of the body of every call that takes one, by the OpenAPI document."""
    document = app.test_client().get("/account/api/openapi.json").json
    schemas = document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            if "requestBody" in about:
                ref = about["requestBody"]["content"]["application/json"]["schema"]["$ref"]
                place = path.format_map(defaultdict(lambda: "x", user_id=id_of(app)))
                yield method.upper(), "/account/api" + place, schemas[ref.rpartition("/")[2]]["properties"]


def attack(app: Flask, odd: Any) -> None:
    """Put `odd(field number)` values into every field of every call, one field at a time."""
    for method, address, fields in declared(app):
        client = root_of(app)
        for number, name in enumerate(fields):
            for value in odd(number):
                body = {each: plausible(each, schema) for each, schema in fields.items()} | {name: value}
                text = json.dumps({k: v for k, v in body.items() if v is not None or k == name})
                answer = client.open(address, method=method, data=text, content_type="application/json")
                assert answer.status_code < 500, (address, name, value)
                assert answer.status_code < 400 or answer.json["code"], (address, name, value)


def test_the_walk_finds_every_call_that_takes_a_body(open_quick_app):
    found = {
        (method, address.rpartition("/api/")[2].partition("/1")[0]) for method, address, _ in declared(open_quick_app)
    }
    assert found >= {
        ("POST", "register"), ("POST", "login"), ("POST", "reauthenticate"), ("POST", "password/change"),
        ("PATCH", "me"), ("PATCH", "admin/users"),
    }  # fmt: skip


@pytest.mark.flaw(45)
@pytest.mark.asvs("2.2.1", "2.2.2", "15.3.5", "16.5.1")
def test_no_json_value_of_any_type_in_any_field_is_our_failure(open_app):
    """All of them on SQLite; the others take turns, for there only what is stored is judged anew."""
    every = 1 if open_app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else 3
    attack(open_app, lambda number: VALUES[number % every :: every])


@pytest.mark.flaw(45)
@pytest.mark.asvs("2.2.1")
def test_no_naughty_string_in_any_field_is_our_failure(open_app):
    attack(open_app, lambda number: NAUGHTY[number % 19 :: 19])


@pytest.mark.flaw(45)
@pytest.mark.asvs("2.2.1")
@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b'"text"', b"1", b"{", b"\xff\xfe", b'{"a": 1e400}', b'{"a": NaN}', b'{"a": "\\ud800"}',
     b"{" * 50_000, b"[" * 50_000, b'{"identifier": "a", "identifier": "b"}', b"\xef\xbb\xbf{}", b'{"\\u0000": 1}',
     b'{"' + b"k" * 60_000 + b'": 1}', b"{" + b",".join(b'"k%d": 1' % n for n in range(5_000)) + b"}", b"\0" * 1000],
    ids=range(18),
)  # fmt: skip
def test_no_body_is_our_failure(open_quick_app, body):
    for method, address, _ in declared(open_quick_app):
        answer = root_of(open_quick_app).open(address, method=method, data=body, content_type="application/json")
        assert 400 <= answer.status_code < 500 or (body == b"\xef\xbb\xbf{}" or method == "PATCH"), (address, body)


# Forms


def forms(app: Flask) -> Iterator[tuple[str, list[str]]]:
    """Address and field names of every form, as declared."""
    house = house_of(app)
    with app.test_request_context():
        for route in (route for capability in CAPABILITIES for route in capability.pages or () if route.changes):
            struct = route.input_struct(house)
            place = re.sub("<.*?>", "x", route.path.replace("<user_id>", str(id_of(app))))
            yield "/account" + place, [field.json_name for field in fields_of(struct)] if struct else []


FORM_VALUES = ["", "\0", "-1", "1e400", "9" * 400, "x" * 129, "x" * 60_000, "\r\n", "🔑" * 300, "\u202e", "[]"]


@pytest.mark.flaw(45)
@pytest.mark.asvs("2.2.1", "2.2.2")
def test_no_text_in_any_form_field_is_our_failure(open_quick_app):
    for address, names in forms(open_quick_app):
        client = root_of(open_quick_app)
        for number, name in enumerate(names):
            for value in [*FORM_VALUES, *NAUGHTY[number % 29 :: 29]]:
                body = {each: plausible(each, {}) for each in names} | {name: value}
                answer = client.post(address, data=body, headers=FROM_OUR_PAGE)
                assert answer.status_code < 500, (address, name, value)


@pytest.mark.flaw(45)
def test_no_broken_form_is_our_failure(open_quick_app):
    for address, names in forms(open_quick_app):
        post = partial(root_of(open_quick_app).post, address, headers=FROM_OUR_PAGE)
        field = names[0] if names else "x"
        form = "application/x-www-form-urlencoded"
        answers = [
            post(data=f"{field}=%ED%A0%80", content_type=form),
            post(data=f"{field}=%FF%FE&%FF=1", content_type=form),
            post(data=b"\xff\0&=&&==&" * 100, content_type=form),
            post(data="&".join(f"{field}={n}" for n in range(2_000)), content_type=form),
            post(data="&".join(f"x{n}=1" for n in range(5_000)), content_type=form),
            post(data={each: (io.BytesIO(b"\xff"), "file.exe") for each in names}),
            post(data=b"--x\r\nbroken", content_type="multipart/form-data; boundary=x"),
            post(data=b"--x", content_type="multipart/form-data"),
            post(data=b"{}", content_type=f"{form}; charset=utf-7"),
            post(data=b"x", content_type="multipart/form-data; boundary=\xff"),
            post(data=b"x" * 200_000, content_type=form),
        ]
        assert not [answer for answer in answers if answer.status_code >= 500], address


# Addresses


PLACES = [
    "0", "-1", "1e3", "1_0", "٣", "９", "9" * 25, "9" * 5_000, "%00", "1%00", "%ff", "%ED%A0%80", "%2e%2e", "%2f",
    "None", "x" * 5_000, "%0d%0aX: 1", "1;DROP TABLE", "{user_id}", "00000000-0000-0000-0000-000000000000", " 1 ", "+1",
    "🔑",
]  # fmt: skip


@pytest.mark.flaw(45)
@pytest.mark.asvs("2.2.1")
def test_no_place_in_an_address_is_our_failure(open_app):
    root = root_of(open_app)
    rules = [rule for rule in open_app.url_map.iter_rules() if rule.arguments and rule.endpoint.startswith("housekey")]
    for rule in rules:
        for value in PLACES:
            path = rule.rule
            for place in rule.arguments:
                path = path.replace(f"<path:{place}>", value).replace(f"<{place}>", value)
            for method in rule.methods & {"GET", "POST", "PATCH", "DELETE"}:
                answer = root.open(path, method=method, json={} if "/api/" in path else None, headers=FROM_OUR_PAGE)
                assert answer.status_code < 500, (method, path)
    assert who(root) == "root"


ODD_QUERIES = ("", "%00", "%ff", "%ED%A0%80", "-1", "1e9", "9" * 30, "%25", "a" * 3000)


@pytest.mark.flaw(45)
@pytest.mark.asvs("2.2.1", "15.3.7")
def test_no_query_is_our_failure(open_quick_app):
    root = root_of(open_quick_app)
    pages = [rule.rule for rule in open_quick_app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    for page in pages:
        for name in ("next", "query", "after"):
            for value in ODD_QUERIES:
                assert root.get(f"{page}?{name}={value}").status_code < 500, (page, name, value)
        assert root.get(page + "?&&==&%&=;" + "&x" * 2_000).status_code < 500, page


@pytest.mark.flaw(45)
@pytest.mark.asvs("2.2.1")
def test_no_search_is_our_failure(open_app):
    root = root_of(open_app)
    for value in [*ODD_QUERIES, "%5C", "a" * 254, "%F0%9F%94%91" * 60, "%E2%80%AE", "%EF%BF%BF"]:
        for search in (f"query={value}", f"after={value}", f"role={value}&sort={value}", f"query={value}&query=b"):
            assert root.get(f"/account/api/admin/users?{search}").status_code < 500, search


# Cookies and headers


HEADERS = [
    "ACCEPT", "ACCEPT_LANGUAGE", "ACCEPT_ENCODING", "AUTHORIZATION", "CACHE_CONTROL", "CONTENT_ENCODING", "COOKIE",
    "DATE", "FORWARDED", "IF_MODIFIED_SINCE", "IF_NONE_MATCH", "ORIGIN", "RANGE", "REFERER", "SEC_FETCH_SITE",
    "USER_AGENT", "X_CSRF_TOKEN", "X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_REQUESTED_WITH",
]  # fmt: skip
HEADER_VALUES = [
    "", " ", "\0", "a\0b", "é", "\xff\xfe", ";", ",", "=", "q=;q=x,;;", "*/*;q=9", "en;q=nan,*;q=-1", "a" * 70_000,
    "Basic", "Bearer \0", "Basic é", "http://[", "http://é:99999", "null", "bytes=-", 'W/"',
    "application/json; charset=\0",
]  # fmt: skip
LOGIN = json.dumps({"identifier": ANN, "password": PASSWORD}).encode()


def requests(app: Flask, odd: dict[str, str], kind: str | None = "application/json") -> Iterator[Any]:
    """A host's page, ours, a form and a call; `kind` None leaves the content type to `odd`."""
    client = app.test_client(use_cookies=False)
    yield client.get("/private", environ_overrides=odd)
    yield client.get("/account/login", environ_overrides=odd)
    yield client.post("/account/api/login", data=LOGIN, content_type=kind, environ_overrides=odd)
    yield client.post("/account/login", data={"identifier": "x"}, environ_overrides=odd)


@pytest.mark.flaw(17, 45)
@pytest.mark.asvs("2.2.1")
def test_no_header_is_our_failure(open_quick_app):
    for number, name in enumerate(HEADERS):
        for value in HEADER_VALUES[number % 3 :: 3]:
            for answer in requests(open_quick_app, {f"HTTP_{name}": value}):
                assert answer.status_code < 500, (name, value)


@pytest.mark.flaw(45)
@pytest.mark.parametrize(
    "kind", ["", ";", "é", "application/json; charset=\0", "multipart/form-data; boundary=", "a" * 9_000]
)
def test_no_content_type_is_our_failure(open_quick_app, kind):
    for answer in requests(open_quick_app, {"CONTENT_TYPE": kind}, None):
        assert answer.status_code < 500


@pytest.mark.flaw(17, 45, 60)
@pytest.mark.asvs("2.2.1", "1.3.3")
@pytest.mark.parametrize("name", ["USER_AGENT", "X_FORWARDED_FOR"])
def test_no_header_that_is_kept_is_our_failure(open_app, name):
    """What a session remembers of its browser stands in the database, which takes less than Python does."""
    open_app.wsgi_app = ProxyFix(open_app.wsgi_app)
    for value in HEADER_VALUES:
        client = open_app.test_client()
        client.environ_base[f"HTTP_{name}"] = value
        assert log_in(client).status_code == 200, value
        assert client.get("/account/api/sessions").status_code == 200
        assert client.get("/account/sessions").status_code == 200


@pytest.mark.flaw(5, 45)
def test_no_cookie_is_our_failure_when_a_session_is_ended_or_opened(open_app):
    names = [
        getattr(open_app.extensions["housekey"].cookies, name) for name in ("session", "device", "attempt", "csrf")
    ]
    for value in ("\0", "é", "=" * 43, "a" * 43, "a" * 9_000, '"\\000"', ";;", "%", "\xff" * 43):
        client = open_app.test_client(use_cookies=False)
        client.environ_base["HTTP_COOKIE"] = "; ".join(f"{name}={value}" for name in names)
        for path in ("login", "logout", "logout/everywhere", "reauthenticate", "password/change"):
            body = {"identifier": ANN, "password": PASSWORD}
            assert client.post(f"/account/api/{path}", json=body).status_code < 500
            assert client.post(f"/account/{path}", data=body, headers=FROM_OUR_PAGE).status_code < 500


def test_after_all_that_everything_still_works(open_app):
    client = root_of(open_app)
    assert len(session_ids(client)) >= 1
    assert client.get("/account/api/admin/users").json["total"] == 2
