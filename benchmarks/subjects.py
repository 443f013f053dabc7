"""The apps that are compared: each shows a user's name behind its login, and a public page.

All that need a database get the same one; each has one user, `ann`, who is logged in.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask, session

PASSWORD = "correct horse battery staple"
NAME = "Ann"
EMAIL = "ann@example.org"


@dataclass(frozen=True)
class Subject:
    """An app, the page to ask for, and the cookies of a browser that is logged in."""

    label: str
    app: Flask
    path: str
    cookies: str


def blank(name: str, url: str = "") -> Flask:
    app = Flask(name, instance_path=tempfile.mkdtemp())
    app.secret_key = secrets.token_hex(32)
    app.config["HOUSEKEY_OUTBOX_DELIVERY"] = "command"  # the thread that looks for mails would outlive the database
    if url:
        app.config["SQLALCHEMY_DATABASE_URI"] = url
    return app


def logged_in(app: Flask, act: Callable[[Any], Any]) -> str:
    """The Cookie header of a browser that has done `act`."""
    client = app.test_client()
    answer = act(client)
    assert answer.status_code < 400, answer.text
    return "; ".join(f"{cookie.key}={cookie.value}" for cookie in client._cookies.values())


def bare() -> list[Subject]:
    app = blank("bare")

    @app.get("/")
    def page() -> str:
        return f"Hello, {NAME}!"

    return [Subject("bare Flask", app, "/", "")]


def plain_session() -> list[Subject]:
    app = blank("plain_session")

    @app.get("/login")
    def login() -> str:
        session["user"] = NAME
        return ""

    @app.get("/")
    def page() -> Any:
        return f"Hello, {session['user']}!" if "user" in session else ("", 401)

    return [Subject('session["user"]', app, "/", logged_in(app, lambda c: c.get("/login")))]


def flask_login(url: str) -> list[Subject]:
    from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
    from flask_sqlalchemy import SQLAlchemy

    app = blank("flask_login", url)
    db, manager = SQLAlchemy(app), LoginManager(app)

    class User(UserMixin, db.Model):  # type: ignore[name-defined,misc]
        __tablename__ = "bench_flask_login"
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(100))

    manager.user_loader(lambda text: db.session.get(User, int(text)))
    _with_user(app, db, User(name=NAME))

    @app.get("/login")
    def login() -> str:
        login_user(db.session.get(User, 1))
        return ""

    @app.get("/")
    @login_required
    def page() -> str:
        return f"Hello, {current_user.name}!"

    return [Subject("Flask-Login + Flask-SQLAlchemy", app, "/", logged_in(app, lambda c: c.get("/login")))]


def flask_security(url: str) -> list[Subject]:
    from flask_security import Security, SQLAlchemyUserDatastore, current_user, hash_password, login_required
    from flask_security.models import fsqla_v3
    from flask_sqlalchemy import SQLAlchemy

    app = blank("flask_security", url)
    app.config.update(SECURITY_PASSWORD_SALT=secrets.token_hex(16), WTF_CSRF_ENABLED=False)
    db = SQLAlchemy(app)
    fsqla_v3.FsModels.set_db_info(db, user_table_name="bench_security_user", role_table_name="bench_security_role")

    class Role(db.Model, fsqla_v3.FsRoleMixin):  # type: ignore[name-defined,misc]
        __tablename__ = "bench_security_role"

    class User(db.Model, fsqla_v3.FsUserMixin):  # type: ignore[name-defined,misc]
        __tablename__ = "bench_security_user"
        name = db.Column(db.String(100))

    class WebAuthn(db.Model, fsqla_v3.FsWebAuthnMixin):  # type: ignore[name-defined,misc]
        """Its users refer to it wherever the package `webauthn` is there; no page here reads it."""

        __tablename__ = "bench_security_webauthn"

    store = SQLAlchemyUserDatastore(db, User, Role)
    Security(app, store)
    with app.app_context():
        db.create_all()
        store.create_user(email=EMAIL, password=hash_password(PASSWORD), name=NAME)
        db.session.commit()

    @app.get("/page")
    @login_required
    def page() -> str:
        return f"Hello, {current_user.name}!"

    form = {"email": EMAIL, "password": PASSWORD}
    cookies = logged_in(app, lambda c: c.post("/login", json=form))
    return [Subject("Flask-Security", app, "/page", cookies)]


def housekey(url: str) -> list[Subject]:
    from flask_sqlalchemy import SQLAlchemy

    from housekey import Housekey, UserMixin, current_identity, current_user, login_required

    app = blank("housekey", url)
    app.config["HOUSEKEY_REGISTRATION_VERIFICATION"] = "off"
    db = SQLAlchemy(app)

    class User(UserMixin, db.Model):  # type: ignore[name-defined,misc]
        __tablename__ = "bench_housekey"
        id = db.Column(db.Integer, primary_key=True)
        name = db.Column(db.String(100))

    Housekey(app, db)
    with app.app_context():
        db.create_all()

    @app.get("/identity")
    @login_required
    def identity() -> str:
        return f"Hello, {current_identity.name}!"

    @app.get("/user")
    @login_required
    def user() -> str:
        return f"Hello, {current_user.name}!"

    @app.get("/public")
    def public() -> str:
        return f"Hello, {NAME}!"

    wanted = {"email": EMAIL, "password": PASSWORD, "name": NAME}
    cookies = logged_in(app, lambda c: c.post("/account/api/register", json=wanted))
    return [
        *_public_twin(url, cookies),
        Subject("Housekey, current_identity.name", app, "/identity", cookies),
        Subject("Housekey, current_user.name", app, "/user", cookies),
        Subject("Housekey, public page, logged in", app, "/public", cookies),
    ]


def _public_twin(url: str, cookies: str) -> list[Subject]:
    """The same app without Housekey, sent the same cookies: what a public page costs there anyway."""
    from flask_sqlalchemy import SQLAlchemy

    app = blank("public_twin", url)
    SQLAlchemy(app)

    @app.get("/public")
    def public() -> str:
        return f"Hello, {NAME}!"

    return [Subject("the public page without Housekey", app, "/public", cookies)]


def _with_user(app: Flask, db: Any, user: Any) -> None:
    with app.app_context():
        db.create_all()
        db.session.add(user)
        db.session.commit()


def all_subjects(url: str) -> list[Subject]:
    """Everything that is compared on one database; the first is the measure."""
    return [*bare(), *plain_session(), *flask_login(url), *flask_security(url), *housekey(url)]
