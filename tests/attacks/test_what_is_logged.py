"""Nothing that is logged helps anybody in: no password, token, code, cookie, key or hash, at whatever level."""

from __future__ import annotations

import base64
import json
import logging
import os
import urllib.request
from datetime import timedelta

import pytest
import sqlalchemy as sa

from attacks.faces import ANN
from attacks.person import Person
from housekey.capabilities.admin.events import UserDisabled
from housekey.commands import cli
from housekey.kernel import clock
from rig.apps import PASSWORD, small_app
from rig.confidential import Secrets, everything_logged, spellings
from rig.hooks import SECRET
from rig.mailed import code_in
from rig.mails import deliver
from rig.people import ADMIN, grant, id_of, role

PEPPER = "a pepper that nobody must ever see"
MAIL_PASSWORD = "the word for the mail server"
OTHER = "another long passphrase"
THIRD = "eleven herons before breakfast"
MISTYPED, QUOTED = "my secret passphrase", "t0ken" * 9
THIEFS = "the thief has chosen this"
OLD_HASH = "pbkdf2:sha256:1000$aSaltOfOld$" + "0123456789abcdef" * 4
IMPORTED = json.dumps({"email": "old@example.test", "password_hash": OLD_HASH})
HAPPENED = {
    "UserRegistered", "LoggedIn", "LoginRefused", "AccountLocked", "RecoveryRequested", "PasswordChanged", "SteppedUp",
    "SessionEnded", "AccountFrozen", "AccountUnfrozen", "UserDisabled", "UserEnabled", "UsersImported", "RoleGranted",
    "DeliveryFailed",
}  # fmt: skip


def comes(person, email):
    """Registers by mail, once with a wrong code before."""
    person.looks("register")
    person("register", "register", email=email, password=PASSWORD)
    person("register/confirm", "register/confirm", refused=True, code="WRNG-C0DE")
    person("register/confirm", "register/confirm", **person.shown(email))


def goes_in_and_out(person, email):
    person("logout", "logout")
    person.looks("login")
    for wrong in ("a wrong passphrase or two", *["and another wrong one"] * 6):
        person("login", "login", refused=True, identifier=email, password=wrong)
    person("login", "login", refused=True, identifier=MISTYPED, password="typed in the wrong field")


def gets_back_in(person, email):
    """Forgets the password, and sets another by the code of the mail."""
    person("password/forgot", "password/forgot", email=email)
    code = {"code": code_in(person.app, email)}
    person("password/reset", "password/reset", password=OTHER, **code)
    person("login", "login", identifier=email, password=OTHER, remember=True)
    person.looks("sessions")
    person("reauthenticate", "reauthenticate", password=OTHER)
    person("password", "password/change", current=OTHER, new=THIRD)
    person("sessions/end-others", "sessions", verb="DELETE")


def is_robbed(person, thief, email):
    """Somebody who knows the password changes it; the owner freezes the account by the notice, and takes it back."""
    thief("login", "login", identifier=email, password=THIRD)
    thief("password", "password/change", current=THIRD, new=THIEFS)
    shown = person.shown(email)
    person("undo", "undo/freeze", **shown)
    person("undo/restore", "undo/restore", password=THIRD, new=PASSWORD, **shown)
    person("login", "login", identifier=email, password=PASSWORD)


def looks_after_others(person, app, user_id):
    for path in ("admin/users", "admin/outbox", "admin/activity", "history"):
        person.looks(path)
    for disabled in (True, False):
        given = str(disabled).lower() if person.is_page else disabled
        person(f"admin/users/{user_id}", f"admin/users/{user_id}", verb="PATCH", disabled=given)


def operates(app):
    def run(*words, given=None):
        result = app.test_cli_runner().invoke(cli, words, input=given)
        assert result.exit_code in (0, 1), result.output

    run("users", "import", "-", given=IMPORTED)
    for words in (["db", "upgrade"], ["db", "check"], ["sweep"], ["doctor"], ["settings"], ["outbox", "list"]):
        run(*words)
    run("explain-login", ANN)
    run("users", "set-password", ANN, "--password-stdin", given=OTHER)


def one_listener_fails(app):
    """With an error of the database, which quotes what it was given."""

    def listener(event, session):
        session.execute(sa.text("INSERT INTO housekey_passwords (hash) VALUES (:hash)"), {"hash": PASSWORD})

    app.accounts.on(UserDisabled, listener)


@pytest.mark.asvs("16.2.5", "14.2.1")
@pytest.mark.flaw(10)
def test_a_whole_life_of_an_account_leaves_no_secret_in_the_log(
    face, sqlite_url, smtp_server, hook_server, certificate, monkeypatch
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    mails, hooks = smtp_server(login=("site", MAIL_PASSWORD), certificate=certificate), hook_server()
    with everything_logged() as logged:
        app = small_app(
            sqlite_url,
            HOUSEKEY_REGISTRATION_VERIFICATION="required",
            HOUSEKEY_PASSWORDS_PEPPER=PEPPER,
            HOUSEKEY_MAIL_BUDGET=100,
            **hooks.settings,
        )
        secrets = Secrets(app, pepper=PEPPER, webhooks=SECRET, mail=MAIL_PASSWORD, quoted=QUOTED)
        secrets.note("key of a receiver", hooks.url.partition("?key=")[2])
        secrets.note("typed into the wrong field", MISTYPED)
        secrets.note("imported hash", OLD_HASH)
        one_listener_fails(app)
        person, thief, admin = Person(app, face), Person(app, face), Person(app, face)
        comes(person, ANN)
        goes_in_and_out(person, ANN)
        gets_back_in(person, ANN)
        is_robbed(person, thief, ANN)
        comes(admin, ADMIN)
        role(app, "helper", "users:manage")
        grant(app, ADMIN, "admin", "helper")
        looks_after_others(admin, app, id_of(app, ANN))
        operates(app)
        secrets.look_into()
        a_mail_is_refused(app, mails, sqlite_url, face, secrets)
    assert logged.events >= HAPPENED, HAPPENED - logged.events
    assert {"alembic.runtime.migration", "housekey.outbox", "sqlalchemy.engine.Engine"} <= logged.names
    assert "housekey_passwords" in logged.text
    assert len(secrets.kinds) > 60, "the test has seen them"
    assert secrets.found_in(logged.text) == {}


def a_mail_is_refused(app, mails, url, face, secrets):
    """By a server that quotes it, from the same app with that server."""
    other = small_app(url, SECRET_KEY=app.secret_key, **mails.settings)
    other.test_client_class = app.test_client_class
    asking = Person(other, face)
    asking("password/forgot", "password/forgot", email=ADMIN)
    mails.says["DATA"] = f"451 later: https://example.org/account/password/reset?token={QUOTED}"
    assert deliver(other).postponed == 1
    mails.says["DATA"] = f"550 not this: https://example.org/account/password/reset?token={QUOTED}"
    with clock.stopped() as time:
        time.forward(timedelta(minutes=1))
        assert deliver(other).failed == 1
    mails.stop()
    asking("username/forgot", "username/forgot", email=ADMIN)
    assert deliver(other).postponed == 1
    assert app.test_cli_runner().invoke(cli, ["outbox", "retry", "--failed"]).exit_code == 0
    secrets.look_into()


MADE = os.urandom(32)


@pytest.mark.parametrize(
    "told", [MADE, {"headers": [MADE.hex()]}, ValueError(base64.b64encode(MADE).decode())], ids=["raw", "hex", "base64"]
)
def test_the_search_finds_what_it_looks_for(told):
    """A test that finds nothing must be able to find something."""
    app = small_app()
    secrets = Secrets(app)
    for spelling in spellings(MADE):
        secrets.note("a token", spelling)
    with everything_logged() as logged:
        app.logger.debug("came: %s", told)
    assert secrets.found_in(logged.text) != {}


TOKEN = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")


def served(url):
    logging.basicConfig(level=logging.INFO)
    return small_app(url)


@pytest.mark.parametrize("under", ["werkzeug", "gunicorn"])
def test_an_access_log_shows_no_token_of_a_mailed_link(live_server, sqlite_url, under):
    options = {"GUNICORN_CMD_ARGS": "--access-logfile -"}
    server = live_server(served, under=under, url=sqlite_url, ready="/account/login", environment=options)
    for path in (f"password/reset?token={TOKEN}&a=b", f"login?next=%2Faccount%2Fundo%3Ftoken%3D{TOKEN}"):
        with urllib.request.urlopen(f"{server.url}/account/{path}", timeout=10):
            pass
    assert "GET /account/password/reset?token=…&a=b" in server.log.replace("\\u2026", "…")
    assert TOKEN not in server.log
