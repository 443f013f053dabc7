"""Nothing that people type runs: not in a query, a page, a header, a template or the log (flaw 60)."""

from __future__ import annotations

import logging
from html.parser import HTMLParser

import pytest

from attacks.faces import ANN, FROM_OUR_PAGE, rows, who
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.people import administrator, id_of

MARKUP = "<script>boo()</script><img src=x onerror=boo()>\"'><svg/onload=boo()>"
PAGES = ["", "sessions", "profile", "password", "reauthenticate", "logout"]
HEADERS = ["USER_AGENT", "ORIGIN", "SEC_FETCH_SITE", "X_FORWARDED_FOR", "REFERER"]
SQL = [
    "' OR '1'='1", "'; DROP TABLE housekey_sessions; --", '" OR ""="', "ann@example.test' --", "\\'; --", "%", "_", "*",
    "' UNION SELECT hash FROM housekey_passwords --", "1; SELECT pg_sleep(5)", "${jndi:ldap://evil}", "{{7*7}}",
]  # fmt: skip


class Seen(HTMLParser):
    """What a browser would run: the names of elements and of attributes, and where links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def runs_something_of_ours_not(html: str) -> list[str]:
    seen = Seen()
    seen.feed(html)
    handlers = [name for name, value in seen.attributes if name.startswith("on")]
    foreign = [
        value for name, value in seen.attributes
        if name in ("src", "href", "action") and not value.startswith(("/", "data:,", "#", "?"))
    ]  # fmt: skip
    inline = html.count("<script>")
    return handlers + foreign + ["<script>"] * inline


@pytest.mark.flaw(60)
@pytest.mark.asvs("1.1.2", "1.2.1", "1.3.7")
def test_markup_in_a_name_runs_on_no_page_not_even_an_administrators(app):
    client = registered(app, name=MARKUP[:100])
    admin = administrator(app)
    shown = [client.get(f"/account/{page}").text for page in PAGES]
    shown += [admin.get(f"/account/admin/users{more}").text for more in ("", f"/{id_of(app)}", "?query=script")]
    assert any("&lt;script&gt;" in html for html in shown)
    assert not [found for html in shown for found in runs_something_of_ours_not(html)]


@pytest.mark.flaw(60)
@pytest.mark.asvs("1.2.1")
def test_markup_in_a_user_agent_runs_on_no_page(app):
    client = app.test_client()
    client.environ_base["HTTP_USER_AGENT"] = MARKUP
    registered(app)
    log_in(client)
    admin = administrator(app)
    shown = [client.get("/account/sessions").text, client.get("/account/").text]
    shown.append(admin.get(f"/account/admin/users/{id_of(app)}").text)
    assert not [found for html in shown for found in runs_something_of_ours_not(html)]
    assert not [html for html in shown if "boo()" in html], "nothing of a user agent is shown as it came"


@pytest.mark.flaw(60)
@pytest.mark.asvs("1.2.1")
@pytest.mark.parametrize("path", ["login", "register"])
def test_markup_that_was_typed_or_stood_in_the_address_runs_on_no_form_that_is_shown_again(app, path):
    body = {"identifier": MARKUP, "email": MARKUP, "name": MARKUP, "username": MARKUP, "password": "x", "next": MARKUP}
    client = app.test_client()
    shown = [
        client.post(f"/account/{path}", data=body, headers=FROM_OUR_PAGE),
        client.get(f"/account/{path}", query_string={"next": MARKUP, MARKUP: MARKUP}),
        client.get(f"/account/{path}/{MARKUP}"),
        client.get("/private", query_string={"x": MARKUP}),
    ]
    assert not [found for answer in shown for found in runs_something_of_ours_not(answer.text)]


@pytest.mark.flaw(60)
@pytest.mark.asvs("1.3.7", "1.3.10")
def test_what_people_type_is_neither_a_template_nor_a_format(app):
    client = registered(app, name="{{7*7}} {name} {0} %s %(x)s ${7*7}")
    assert client.get("/account/api/me").json["user"]["name"] == "{{7*7}} {name} {0} %s %(x)s ${7*7}"
    assert "{{7*7}} {name} {0} %s %(x)s ${7*7}" in client.get("/account/").text


@pytest.mark.flaw(60)
@pytest.mark.asvs("1.2.4")
def test_sql_in_any_field_is_a_text_like_others(data_app, face):
    registered(data_app)
    admin = administrator(data_app)
    before = rows(data_app, "accounts", "sessions", "passwords", "identifiers")
    for text in SQL:
        stranger = data_app.test_client()
        assert not face.log_in(stranger, text, text).done
        assert not face.register(stranger, text, PASSWORD, username=text).done
        found = admin.get("/account/api/admin/users", query_string={"query": text})
        assert found.json["total"] == 0, text
        assert admin.get(f"/account/api/admin/users/{text}").status_code in (404, 405)
        assert admin.delete(f"/account/api/sessions/{text}").status_code in (404, 405)
    assert rows(data_app, "accounts", "sessions", "passwords", "identifiers") == before
    assert who(admin) == "root"


@pytest.mark.flaw(60)
@pytest.mark.asvs("16.4.1")
def test_no_line_end_gets_into_the_log(face, caplog):
    """A forged line would look like one of ours to the one who reads it."""
    caplog.set_level(logging.DEBUG)
    app = small_app()
    registered(app)
    forged = "x\r\n2026-01-01 INFO housekey: ann logged in\x1b[2J\u2028\x85"
    client = app.test_client()
    client.environ_base |= dict.fromkeys((f"HTTP_{name}" for name in HEADERS), forged)
    face.log_in(client, forged, forged)
    face.register(client, forged, PASSWORD, name=forged, username=forged)
    client.post("/account/login", data={"identifier": forged, "next": forged})
    client.get("/account/login", query_string={"next": forged})
    client.get("/private", query_string={"next": forged})
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("housekey")]
    assert lines, "something was refused, and the log says so"
    assert not [line for line in lines if any(ord(c) < 32 or c in "\x1b\x85\u2028" for c in line)]


@pytest.mark.flaw(60)
@pytest.mark.asvs("3.2.1")
def test_json_is_never_shown_as_a_page(app):
    client = registered(app, name="<script>boo()</script>")
    for path in ("me", "sessions", "openapi.json", "nowhere<script>"):
        answer = client.get(f"/account/api/{path}", headers={"Accept": "text/html"})
        assert answer.content_type in ("application/json", "application/problem+json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_address_of_the_one_who_was_attacked_still_works(app, face):
    registered(app)
    assert face.log_in(app.test_client(), ANN).done
