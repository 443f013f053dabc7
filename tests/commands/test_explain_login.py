"""`flask housekey explain-login`: why somebody can or can't log in now."""

from __future__ import annotations

import pytest

from housekey.capability import Capability
from housekey.errors import InvalidCredentials
from housekey.login import Challenge
from rig.apps import log_in, registered, small_app
from rig.authenticators import Authenticator, register_with

ANN = "ann@example.test"


@pytest.fixture
def app():
    app = small_app(HOUSEKEY_THROTTLING_LOCK_AFTER=3)
    registered(app)
    return app


def answers(run, *words, code=0):
    told = run.json("explain-login", *words, code=code)
    assert told["can_log_in"] == (code == 0)
    return {step["name"]: step["answer"] for step in told["steps"]}


def test_somebody_who_can_log_in(run):
    assert set(answers(run, ANN).values()) == {"yes"}
    assert "with the right password: a login succeeds" in run("explain-login", ANN).stdout


def test_nobody_of_that_name(run):
    assert answers(run, "zoe@example.test", code=1) == {"identifier": "no"}
    assert "like one with a wrong password" in run("explain-login", "zoe@example.test", code=1).stdout


def test_a_disabled_account(run):
    run("users", "disable", ANN)
    assert answers(run, ANN, code=1)["account_usable"] == "no"
    assert "users enable" in run("explain-login", ANN, code=1).stdout


def test_a_locked_account(app, run):
    for _ in range(3):
        log_in(app.test_client(), password="not the right one")
    assert answers(run, ANN, code=1)["locks"] == "no"
    assert "users unlock" in run("explain-login", ANN, code=1).stdout
    run("users", "unlock", ANN)
    assert answers(run, ANN)["locks"] == "yes"


def test_an_account_without_a_password(run):
    run("users", "create", "bob@example.test", "--no-password")
    assert answers(run, "bob@example.test", code=1)["password"] == "no"


def test_requirements_of_the_app_are_asked_and_nothing_is_counted_or_left(runner):
    class Terms:
        """The terms of use were accepted."""

        name = "terms"

        def check(self, house, attempt):
            return Challenge("terms", "terms")

    class Hours:
        """The office is open."""

        name = "hours"

        def check(self, house, attempt):
            raise InvalidCredentials

    app = small_app(capabilities=[Capability(name=kind.name, requirement=kind()) for kind in (Terms, Hours)])
    run = runner(app)
    run("users", "create", ANN, "--password-stdin", input="correct horse battery staple\n")
    found = answers(run, ANN, code=1)
    assert (found["terms"], found["hours"]) == ("asks", "no")
    assert "The office is open." in run("explain-login", ANN, code=1).stdout
    assert run.json("audit", "list", "--event", "LoginRefused") == []


def test_an_account_without_a_password_where_a_mail_does(runner):
    run = runner(small_app(HOUSEKEY_MAILED_LOGIN_OPEN=True))
    run("users", "create", "bob@example.test", "--no-password")
    assert set(answers(run, "bob@example.test").values()) == {"yes"}
    assert "So by mail: a login succeeds" in run("explain-login", "bob@example.test").stdout


def test_an_account_without_a_password_where_a_passkey_does(runner):
    app = small_app()
    client = app.test_client()
    options = client.post("/account/api/register/passkey/options", json={"email": ANN}).get_json()
    body = {"email": ANN, "credential": Authenticator().create(options)}
    assert client.post("/account/api/register/passkey", json=body).status_code == 201
    run = runner(app)
    assert set(answers(run, ANN).values()) == {"yes"}
    assert "So with the passkey: a login succeeds" in run("explain-login", ANN).stdout


def test_that_a_new_browser_would_be_asked_for_a_mailed_code(runner):
    app = small_app(HOUSEKEY_STUFFING_REFUSALS_PER_MINUTE=2)
    registered(app)
    run = runner(app)
    assert answers(run, ANN)["mailed_code"] == "yes"
    for _ in range(2):
        log_in(app.test_client(), "nobody@example.test", "wrong")
    assert answers(run, ANN)["mailed_code"] == "asks"


def test_a_password_that_is_closed_in_some_browsers(runner):
    app = small_app(HOUSEKEY_THROTTLING_LOCK_AFTER=100, HOUSEKEY_THROTTLING_CLOSE_AFTER=2)
    registered(app)
    for _try in range(3):
        log_in(app.test_client(), password="wrong")
    told = runner(app)("explain-login", ANN, code=1).stdout
    assert "the password is closed in some browsers" in told


def test_a_passkey_opens_nothing_where_passkeys_are_off(runner, tmp_path):
    url = f"sqlite:///{tmp_path / 'app.sqlite'}"
    app = small_app(url)
    assert register_with(app.test_client(), Authenticator()).status_code == 201
    assert "a passkey does instead" in runner(app)("explain-login", ANN).stdout
    without = small_app(url, HOUSEKEY_PASSKEYS_OPEN=False)
    assert "There is no password" in runner(without)("explain-login", ANN, code=1).stdout
