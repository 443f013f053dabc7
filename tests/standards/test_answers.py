"""What holds for every answer: its methods, its cookies, what it says of what it is made with."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from rig.apps import log_in, registered, small_app
from rig.mailed import OURS
from rig.people import administrator

MOST_OF_A_COOKIE = 4096
"""Bytes of name and value; a browser drops a longer one."""
KNOWN = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
BELOW = ("flask", "werkzeug", "sqlalchemy", "jinja2", "housekey", "msgspec")


@pytest.fixture(scope="module")
def app():
    return small_app()


@pytest.fixture(scope="module")
def root(app):
    return administrator(app)


def rules(app):
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("housekey.")]


def paths(app):
    """Each address, with something in its places."""
    return sorted({re.sub(r"<(?:string\(length=(\d+)\):)?[^>]*>", some, rule.rule) for rule in rules(app)})


def some(place):
    return "1" * int(place[1] or 1)


@pytest.mark.asvs("4.1.4")
def test_an_address_takes_the_methods_that_it_names_and_no_other(app, root):
    known = {path: set(app.url_map.bind("localhost").allowed_methods(path)) for path in paths(app)}
    assert sum(map(bool, known.values())) > 100
    for path, declared in known.items():
        for method in sorted(KNOWN - declared - {"OPTIONS"}) if declared else ():
            answer = root.open(path, method=method, headers=OURS)
            assert answer.status_code == 405, f"{method} {path}"
            assert set(answer.headers["Allow"].split(", ")) == declared, path


@pytest.mark.asvs("3.3.5")
def test_no_cookie_is_too_long_for_a_browser_whatever_is_sent(app):
    registered(app, "long@example.test")
    longest = {"User-Agent": "Mozilla/5.0 " + "x" * 8000, **OURS}
    browser = app.test_client()
    pages = [browser.get(path, query_string={"next": "/" + "y" * 8000}, headers=longest) for path in paths(app)[:80]]
    answers = [*pages, log_in(browser, "long@example.test", remember=True), browser.post("/account/api/logout")]
    cookies = [cookie.partition(";")[0] for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
    assert len(cookies) > 3
    assert max(map(len, cookies)) < MOST_OF_A_COOKIE


@pytest.mark.asvs("3.5.6")
@pytest.mark.parametrize("name", ["callback", "jsonp", "cb", "_callback"])
def test_no_answer_calls_a_function_that_somebody_names(root, name):
    answer = root.get("/account/api/me", query_string={name: "stolen"})
    assert b"stolen" not in answer.data
    assert answer.mimetype in ("application/json", "application/problem+json")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.asvs("3.5.7")
def test_what_a_script_holds_is_the_same_for_everybody(app, root):
    page = root.get("/account/login").text + root.get("/account/").text
    scripts = set(re.findall(r'<script[^>]* src="([^"]+)"', page))
    assert len(scripts) > 5
    for script in scripts:
        with root.get(script) as mine, app.test_client().get(script) as nobodys:
            assert mine.data == nobodys.data
            assert "Cookie" not in mine.headers.get("Vary", "")
    assert [rule for rule in rules(app) if rule.rule.endswith(".js")] == []


@pytest.mark.asvs("13.4.6")
def test_no_answer_tells_the_version_of_what_it_is_made_with(app, root):
    versions = {importlib.metadata.version(name) for name in BELOW}
    wanted = ["/account/login", "/account/", "/account/nothing", "/account/api/nothing", "/account/api/openapi.json"]
    for path in wanted:
        answer = root.get(path)
        told = f"{answer.headers}\n{answer.text}"
        assert {
            version for version in versions if re.search(rf"(?<![\d.]){re.escape(version)}(?![\d.])", told)
        } == set()
        assert not {"Server", "X-Powered-By"} & set(answer.headers.keys())


@pytest.mark.asvs("2.1.1", "2.2.2")
def test_every_text_that_a_call_takes_says_how_long_it_may_be(app):
    document = app.test_client().get("/account/api/openapi.json").json
    taken = [body for path in document["paths"].values() for call in path.values() for body in bodies(call)]
    assert len(taken) > 30
    endless = {place for body in taken for place in texts_without_end(document, body, "")}
    assert endless == set()


def bodies(call):
    return [media["schema"] for media in call.get("requestBody", {}).get("content", {}).values()]


def texts_without_end(document, schema, place, seen=()):
    """Places of texts without `maxLength`, `enum`, `const` or a `format` that bounds them."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from texts_without_end(document, document["components"]["schemas"][name], name, (*seen, name))
        return
    bounded = {"maxLength", "enum", "const", "format"} & schema.keys()
    if schema.get("type") == "string" and not bounded:
        yield place
    for name, part in schema.get("properties", {}).items():
        yield from texts_without_end(document, part, f"{place}.{name}", seen)
    for part in [*schema.get("anyOf", ()), *([schema["items"]] if isinstance(schema.get("items"), dict) else ())]:
        yield from texts_without_end(document, part, place, seen)
