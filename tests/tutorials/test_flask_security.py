"""An app moves from Flask-Security, with its users, hashes and roles (docs/coming-from/flask-security.md)."""

import base64
import hmac
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask_login import encode_cookie

from housekey.commands import cli as housekey_commands
from housekey.kernel import clock
from housekey.testing import SETTINGS, HousekeyClient
from housekey.web import planted
from tutorials.flask_security import after

SALT = "146585145368132386173505678016728509634"
CONFIRMED = {"ann": "2024-05-01 10:00:00"}
LEFT = """
    CREATE TABLE user (id INTEGER PRIMARY KEY, email VARCHAR(255) NOT NULL UNIQUE, username VARCHAR(255) UNIQUE,
        password VARCHAR(255), active BOOLEAN NOT NULL, confirmed_at DATETIME,
        fs_uniquifier VARCHAR(64) NOT NULL UNIQUE);
    CREATE TABLE role (id INTEGER PRIMARY KEY, name VARCHAR(80) NOT NULL UNIQUE, permissions TEXT);
    CREATE TABLE roles_users (user_id INTEGER REFERENCES user, role_id INTEGER REFERENCES role);
    INSERT INTO role VALUES (1, 'editor', 'posts:edit,posts:publish'), (2, 'reader', NULL);
    INSERT INTO roles_users VALUES (1, 1), (2, 2);
"""


def hash_of_flask_security(password):
    """As Flask-Security 5 makes it: HMAC with the app's salt first, then argon2."""
    sealed = base64.b64encode(hmac.digest(SALT.encode(), password.encode(), "sha512"))
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(sealed)


@pytest.fixture
def app(tmp_path):
    with closing(sqlite3.connect(tmp_path / "studio.sqlite")) as connection:
        connection.executescript(LEFT)
        for number, (name, active) in enumerate((("ann", True), ("bob", True), ("gone", False)), start=1):
            stored = hash_of_flask_security(f"{name}'s password")
            row = (number, f"{name}@example.com", name, stored, active, CONFIRMED.get(name), f"uniquifier of {name}")
            connection.execute("INSERT INTO user VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        connection.commit()
    config = {"SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/studio.sqlite", "SECURITY_PASSWORD_SALT": SALT}
    app = after.create_app({**SETTINGS, **config})
    app.test_client_class = HousekeyClient
    runner = app.test_cli_runner()
    for command in ((housekey_commands, ["db", "upgrade"]), (None, ["move-roles"]), (None, ["move-confirmations"])):
        done = runner.invoke(*command)
        assert done.exit_code == 0, done.output
    return app


def login(app, identifier, password):
    client = app.test_client()
    client.post("/account/login", data={"identifier": identifier, "password": password})
    return client


def test_whose_address_was_confirmed_is_not_asked_again(app):
    for name, is_confirmed in (("ann", True), ("bob", False)):
        (own,) = login(app, name, f"{name}'s password").get("/account/api/emails").json["emails"]
        assert (own["verified_at"] is not None) is is_confirmed


def test_everybody_logs_in_with_the_password_of_old(app):
    for identifier in ("ann@example.com", "ann", "bob"):
        name = identifier.partition("@")[0]
        assert login(app, identifier, f"{name}'s password").get("/").text == f"Hello, {name}@example.com!"
        assert login(app, identifier, "wrong").get("/").status_code == 302


def test_whoever_was_shut_out_stays_out(app):
    assert login(app, "gone", "gone's password").get("/").status_code == 302


def test_roles_and_permissions_are_the_same(app):
    ann, bob = login(app, "ann", "ann's password"), login(app, "bob", "bob's password")
    assert (ann.get("/drafts").text, ann.get("/publish").text) == ("Drafts", "Published")
    assert (bob.get("/drafts").status_code, bob.get("/publish").status_code) == (403, 403)


@pytest.mark.parametrize(("name", "greeting"), [("ann", "Hello, ann@example.com!"), ("gone", None)])
def test_whoever_was_logged_in_before_the_change_still_is(app, monkeypatch, name, greeting):
    before, cookie = Flask("studio"), "remember_token"
    before.secret_key = app.secret_key
    with before.app_context():
        token = encode_cookie(f"uniquifier of {name}")
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 12, 1, tzinfo=UTC))
    monkeypatch.setattr(planted, "believed", False)
    for expected in (greeting, None):
        browser = app.test_client()
        browser.set_cookie(cookie, token)
        answer = browser.get("/")
        assert (answer.text if answer.status_code == 200 else None) == expected


def test_roles_may_be_moved_twice(app):
    assert app.test_cli_runner().invoke(args=["move-roles"]).exit_code == 0
    assert login(app, "ann", "ann's password").get("/drafts").text == "Drafts"
