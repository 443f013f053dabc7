"""The account pages in a host's own clothes: its Bootstrap layout, its templates, its Content-Security-Policy."""

from pathlib import Path

import pytest
from jinja2 import ChoiceLoader, DictLoader, FileSystemLoader

from hosts.apps import with_flask_sqlalchemy
from rig.apps import registered

BOOTSTRAP = FileSystemLoader(Path(__file__).parent / "templates")
ANN = "ann@example.test"


def make_app(url, *loaders, **settings):
    app = with_flask_sqlalchemy.make_app(url, HOUSEKEY_LAYOUT="bootstrap.html", **settings)
    app.jinja_loader = ChoiceLoader([*loaders, BOOTSTRAP])
    return app


@pytest.fixture
def app(sqlite_url):
    return make_app(sqlite_url)


@pytest.mark.parametrize("page", ["/account/login", "/account/register"])
def test_pages_for_strangers_stand_in_the_hosts_layout(app, page):
    text = app.test_client().get(page).text
    assert '<a class="navbar-brand" href="/">Acme</a>' in text
    assert "<form" in text.partition('<main class="container')[2]
    assert text.count("<html") == text.count("<main") == text.count("<title>") == 1


@pytest.mark.parametrize("page", ["", "sessions", "password", "profile"])
def test_pages_of_the_account_stand_in_it_and_it_knows_the_user(app, page):
    text = registered(app, ANN).get(f"/account/{page}").text
    assert f'<span class="navbar-text">{ANN}</span>' in text
    assert 'href="/account/sessions"' in text


def test_our_style_sheet_comes_along(app):
    text = app.test_client().get("/account/login").text
    assert "housekey.css" in text


def test_a_refused_form_is_shown_again_in_the_layout(app):
    browser = app.test_client()
    browser.get("/account/login")
    form = {"identifier": ANN, "password": "wrong"}
    answer = browser.post("/account/login", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 401
    assert "navbar-brand" in answer.text
    assert ANN in answer.text


@pytest.mark.parametrize(
    ("path", "status"), [("sessions/nothing-here", 404), ("nope", 404), ("logout/everywhere", 405)]
)
def test_an_error_page_of_ours_stands_in_it_too(app, path, status):
    answer = app.test_client().get(f"/account/{path}", headers={"Accept": "text/html"})
    assert answer.status_code == status
    assert "navbar-brand" in answer.text


def test_a_404_page_of_the_hosts_comes_before_ours(sqlite_url):
    app = make_app(sqlite_url)
    app.register_error_handler(404, lambda _error: ("the host's own", 404))
    assert app.test_client().get("/account/nope").text == "the host's own"


def test_pages_of_the_host_that_are_not_there_stay_as_they_are(app):
    assert "navbar-brand" not in app.test_client().get("/nope").text


def test_a_policy_that_lets_the_hosts_style_sheet_in_can_be_set(sqlite_url):
    policy = "default-src 'self'; style-src 'self' https://cdn.example.org"
    app = make_app(sqlite_url, HOUSEKEY_CONTENT_SECURITY_POLICY=policy)
    assert app.test_client().get("/account/login").headers["Content-Security-Policy"] == policy


def test_a_template_of_the_hosts_wins(sqlite_url):
    own = "{% extends housekey_layout %}{% block content %}<h1>Come in, {{ site_name }}</h1>{% endblock %}"
    app = make_app(sqlite_url, DictLoader({"housekey/login/login.html": own}), HOUSEKEY_SITE_NAME="Acme Ltd")
    text = app.test_client().get("/account/login").text
    assert "<h1>Come in, Acme Ltd</h1>" in text
    assert "navbar-brand" in text
