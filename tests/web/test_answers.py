"""Redirects stay on this site; JSON shows times in UTC and never a secret."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from msgspec import Struct

from housekey.errors import ConfigurationError
from housekey.kernel.secret import Secret
from housekey.kernel.texts import text
from housekey.web.answers import redirect_to, reply, return_path, translate
from web.stand_in import make_app


@pytest.fixture
def app():
    return make_app()


def test_redirects_name_our_endpoints_a_hosts_or_a_path(app):
    with app.test_request_context("/"):
        targets = [
            redirect_to("things"),
            redirect_to("housekey.own_things", page=2),
            redirect_to("housekey.api.list_things"),
        ]
        paths = [redirect_to("/account/things?page=2"), redirect_to("/ä b")]
    assert [target.headers["Location"] for target in targets[:2]] == ["/account/things", "/account/own?page=2"]
    assert [target.headers["Location"] for target in paths] == ["/account/things?page=2", "/%C3%A4%20b"]
    assert {target.status_code for target in targets + paths} == {303}


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x=y", "/\tevil", "/../x"])
def test_a_path_that_leads_off_this_site_is_a_mistake_in_the_code(app, path):
    with app.test_request_context("/"), pytest.raises(ConfigurationError, match="one slash"):
        redirect_to(path)


@pytest.mark.parametrize(
    ("method", "path", "referer", "leads_to"),
    [
        ("GET", "/a%20b?x=%26&y=ä", None, "/a%20b?x=%26&y=%C3%A4"),
        ("HEAD", "/a", "http://localhost/b", "/a"),
        ("POST", "/a", "http://localhost/b?c=d#e", "/b?c=d#e"),
        ("POST", "/a", "http://localhost:8000/b", None),
        ("POST", "/a", "https://notebook.example/b", "/b"),
        ("POST", "/a", "http://evil.example/b", None),
        ("POST", "/a", "http://localhost@evil.example/b", None),
        ("POST", "/a", None, None),
    ],
)
def test_one_goes_on_where_one_was(method, path, referer, leads_to):
    from dataclasses import replace

    from housekey.web.settings import HouseSettings

    app = make_app()
    house = app.extensions["housekey"].house
    house.settings = {HouseSettings: replace(house.settings[HouseSettings], base_url="https://notebook.example")}
    with app.test_request_context(path, method=method, headers={"Referer": referer} if referer else {}):
        assert return_path() == leads_to


class Kept(Struct):
    at: datetime
    secret: Secret | None = None


def test_times_are_utc_with_z():
    with Flask("any").app_context():
        answer = reply(Kept(datetime(2026, 1, 31, 12, 30, tzinfo=UTC)), 201)
    assert (answer.status_code, answer.mimetype) == (201, "application/json")
    assert answer.get_json()["at"] == "2026-01-31T12:30:00Z"


def test_a_secret_cannot_be_answered():
    with pytest.raises(TypeError):
        reply(Kept(datetime(2026, 1, 31, tzinfo=UTC), Secret("hunter2")))


def test_texts_are_translated_when_shown():
    assert translate("Page {page}", page=2) == "Page 2"
    assert translate(text("At least {count}", count=3)) == "At least 3"
    assert translate("{curly} braces alone") == "{curly} braces alone"
    assert (translate(""), translate(None)) == ("", "")
