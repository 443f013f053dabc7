"""Tutorial 4: the app with `session["user"]`: before, halfway and after (docs/coming-from/session-user.md)."""

import sys
from importlib import import_module, reload

import pytest

from housekey.commands import cli as housekey_commands
from housekey.testing import SETTINGS, HousekeyClient
from tutorials.variants import FROM_THIS_SITE

PEOPLE = {"admin": "admin123", "ann": "ann's secret", "bob": "bob's secret"}
STEPS = ("before", "halfway", "after")


@pytest.fixture
def step(request, tmp_path, monkeypatch):
    """Imports a step anew, with a database of its own."""

    def imported(name):
        monkeypatch.setenv("FLASK_SQLALCHEMY_DATABASE_URI", f"sqlite:///{tmp_path}/app.sqlite")
        for key, value in SETTINGS.items():
            monkeypatch.setenv(f"FLASK_{key}", str(value).lower() if isinstance(value, bool) else str(value))
        name = f"tutorials.session_user.{name}"
        module = reload(sys.modules[name]) if name in sys.modules else import_module(name)
        module.app.testing = True
        return module

    return imported


@pytest.fixture(params=STEPS)
def app(request, step):
    """Each step, with the people that the step before has left in the database."""
    if request.param != "before":
        moved = step("halfway").app.test_cli_runner().invoke(args=["move-users"])
        assert moved.exit_code == 0, moved.output
    app = step(request.param).app
    if request.param == "after":
        granted = app.test_cli_runner().invoke(housekey_commands, ["roles", "grant", "admin", "admin"])
        assert granted.exit_code == 0, granted.output
    return app


def login(client, username, password=None):
    password = password or PEOPLE[username]
    if "login" in client.application.view_functions:
        return client.post("/login", data={"username": username, "password": password})
    form = {"identifier": username, "password": password}
    return client.post("/account/login", data=form, headers=FROM_THIS_SITE)


def logout(client):
    if "logout" in client.application.view_functions:
        return client.get("/logout")
    return client.post("/account/logout", headers=FROM_THIS_SITE)


# What holds before, halfway and after


def test_people_log_in_and_out(app):
    client = app.test_client()
    assert client.get("/").status_code == 302
    assert login(client, "ann").location == "/"
    assert client.get("/").text == "Hello, ann!"
    logout(client)
    assert client.get("/").status_code == 302


def test_a_wrong_password_opens_nothing(app):
    client = app.test_client()
    for username, password in (("ann", "wrong"), ("nobody", "ann's secret"), ("ann", "bob's secret")):
        assert login(client, username, password).status_code in (200, 401)
        assert client.get("/").status_code == 302


def test_only_the_admin_sees_the_users(app):
    client = app.test_client()
    assert client.get("/admin").status_code == 302
    login(client, "ann")
    assert client.get("/admin").status_code == 403
    login(client, "admin")
    assert client.get("/admin").text == "Users: admin, ann, bob"


# What Housekey has changed


def cookies_of(client):
    return {cookie.key: cookie.value for cookie in client._cookies.values()}


def is_open_with(app, cookies):
    thief = app.test_client()
    for key, value in cookies.items():
        thief.set_cookie(key, value)
    return thief.get("/").status_code == 200


def test_a_copied_cookie_works_for_ever_before_and_never_afterwards(app):
    client = app.test_client()
    login(client, "ann")
    copied = cookies_of(client)
    assert is_open_with(app, copied)
    logout(client)
    assert is_open_with(app, copied) == ("housekey" not in app.extensions)


@pytest.fixture
def after(step):
    step("halfway").app.test_cli_runner().invoke(args=["move-users"])
    return step("after").app


def test_nobody_can_read_a_password_any_more(after, tmp_path):
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("app.sqlite*"))
    assert not [password for password in PEOPLE.values() if password.encode() in kept]


def test_people_see_their_sessions_end_them_and_change_their_passwords(after):
    here, there = after.test_client(), after.test_client()
    login(here, "ann")
    login(there, "ann")
    assert "Where you" in here.get("/account/sessions").text
    form = {"current": PEOPLE["ann"], "new": "correct horse battery staple"}
    assert here.post("/account/password", data=form, headers=FROM_THIS_SITE).status_code == 303
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
    assert login(there, "ann", "correct horse battery staple").location == "/"


def test_next_leads_back_to_where_people_were_going(after):
    client = HousekeyClient(after, after.response_class, use_cookies=True)
    answer = client.get("/admin")
    assert answer.location == "/account/login?next=%2Fadmin"


def test_guessing_is_slowed_down(after):
    client = after.test_client()
    for _ in range(6):
        login(client, "ann", "wrong")
    assert login(client, "ann").status_code == 401


def test_the_old_cookie_means_nothing(after):
    client = after.test_client()
    with client.session_transaction() as session:
        session["user"] = "admin"
    assert client.get("/").status_code == 302
