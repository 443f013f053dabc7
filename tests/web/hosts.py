"""A host's app as Flask-Login's documentation would write it, on a real database, with Housekey's manager."""

from dataclasses import dataclass
from functools import cached_property
from types import ModuleType

import flask_login
from flask import Flask, flash, jsonify, redirect, render_template_string, request, session
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

import housekey
from housekey import Housekey, UserMixin, current_identity
from housekey.store import users

db = SQLAlchemy()
CONFIG = {
    "TESTING": True,
    "SECRET_KEY": "a key of the tests, and of nothing else",
    "HOUSEKEY_PASSWORDS_HASH_PROFILE": "cheap",
    "HOUSEKEY_LOGIN_REFUSAL_TIME": 0,
    "HOUSEKEY_REGISTRATION_ALLOW_TEST_ADDRESSES": True,
    "HOUSEKEY_REGISTRATION_VERIFICATION": "off",
}
ANN, BOB, INA = "ann@example.org", "bob@example.org", "ina@example.org"
GREETING = "{% if current_user.is_authenticated %}{{ current_user.name }}{% else %}nobody{% endif %}"
TAUGHT = (flask_login, housekey)
"""Where tutorials import from, and where people who read our pages do."""


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    welcome: Mapped[bool] = mapped_column(default=True)
    motto: Mapped[str | None]

    @property
    def is_active(self):
        return self.welcome and super().is_active


class Robot(flask_login.UserMixin, db.Model):
    """No user: another model, whose keys are the same small numbers."""

    id: Mapped[int] = mapped_column(primary_key=True)


@dataclass
class Host:
    app: Flask
    accounts: Housekey
    api: ModuleType
    """flask_login or housekey: where the views have their functions from."""

    @property
    def manager(self):
        return self.accounts.login_manager

    @property
    def house(self):
        return self.app.extensions["housekey"].house

    @property
    def cookie(self):
        return self.app.extensions["housekey"].cookies.session

    def browser(self, email=None, **form):
        """A new browser, logged in on the host's own login page."""
        client = self.app.test_client()
        if email is not None:
            answer = client.post("/login", data={"email": email, **form}, headers={"Sec-Fetch-Site": "same-origin"})
            assert answer.status_code == 302
        return client

    def live(self):
        """The sessions that open something, by the name of their user."""
        table = self.house.store.tables["sessions"]
        with self.app.app_context(), self.house.read() as connection:
            rows = connection.execute(select(table).where(table.c.ended_at.is_(None)))
            return [row._mapping for row in rows]

    def disable(self, email):
        with self.app.app_context(), self.house.write() as unit:
            users.set_disabled(unit.session, unit.schema, self.id_of(email), True)

    def id_of(self, email):
        with self.app.app_context(), self.house.read() as connection:
            return connection.scalar(select(User.__table__.c.id).where(User.__table__.c.email == email))

    @cached_property
    def signals(self):
        """Names of the signals sent so far, each with its user's name."""
        heard = []
        for name in ("user_logged_in", "user_logged_out", "user_unauthorized", "user_needs_refresh",
                     "user_login_confirmed", "session_protected", "user_loaded_from_request"):  # fmt: skip
            signal = getattr(flask_login, name)
            signal.connect(
                lambda app, name=name, **about: heard.append((name, getattr(about.get("user"), "name", None))),
                self.app,
                weak=False,
            )
        return heard


def fill(url):
    """Tables and people, for `schema`: made once, copied for each test."""
    host = make_host(url)
    with host.app.app_context():
        db.create_all()
        people = [User(email=ANN, name="Ann"), User(email=BOB, name="Bob"), User(email=INA, name="Ina", welcome=False)]
        db.session.add_all([*people, Robot()])
        db.session.commit()


def make_host(url, api=flask_login, *, loader=True, capabilities=(), **config):
    app = Flask("host")
    app.config.update(CONFIG, SQLALCHEMY_DATABASE_URI=url, **config)
    db.init_app(app)
    accounts = Housekey(app, db, user_model=User, capabilities=capabilities)
    accounts.login_manager.login_view = "login"
    if loader:
        accounts.login_manager.user_loader(lambda user_id: db.session.get(User, int(user_id)))
    add_views(app, api)
    return Host(app, accounts, api)


def user_named(email):
    return db.session.scalar(select(User).where(User.email == email))


def add_views(app, api):
    add_login(app, api)
    add_pages(app, api)
    add_glimpses(app, api)


def add_login(app, api):
    @app.route("/login", methods=["GET", "POST"])
    def login():
        if request.method == "GET":
            return "the host's login page"
        options = {name: name in request.form for name in ("remember", "force")}
        done = api.login_user(user_named(request.form["email"]), fresh="stale" not in request.form, **options)
        return redirect(request.args.get("next") or "/private") if done else ("refused", 403)

    @app.post("/logout")
    @api.login_required
    def logout():
        api.logout_user()
        return str(api.current_user.is_authenticated)

    @app.post("/confirm")
    @api.login_required
    def confirm():
        api.confirm_login()
        return str(api.login_fresh())


def add_pages(app, api):
    @app.route("/private", methods=["GET", "POST", "OPTIONS"])
    @api.login_required
    def private():
        return api.current_user.name

    @app.get("/fresh")
    @api.fresh_login_required
    def fresh():
        return "fresh"

    @app.post("/private-form")
    @api.login_required
    def private_form():
        return "sent"

    @app.post("/fresh-form")
    @api.fresh_login_required
    def fresh_form():
        return "sent"

    @app.get("/public")
    def public():
        return "hello"

    @app.get("/public-template")
    def public_template():
        return render_template_string("hello")

    @app.get("/greeting")
    def greeting():
        return render_template_string(GREETING)


def add_glimpses(app, api):
    @app.get("/flask-session")
    def flask_session():
        return jsonify(dict(session))

    @app.post("/flask-session")
    def write_flask_session():
        session.update(request.form.to_dict())
        return jsonify(dict(session))

    @app.post("/flash")
    def say():
        flash("hi")
        return (api.current_user.is_authenticated and api.current_user.name) or "nobody"

    @app.get("/identity")
    def identity():
        who = current_identity
        return jsonify(name=who.name, amr=who.amr, aal=who.aal, fresh=who.is_fresh()) if who else jsonify(None)
