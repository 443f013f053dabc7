"""Hours lie between what is typed and the mail that is read: a name is gone by then, a site asks for other things."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import msgspec
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from msgspec import Meta

from housekey import Housekey, UserMixin
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, QUICK, small_app
from rig.mailed import OURS, code_in, token_in

ANN = "ann@example.test"
CONFIRMED_FIRST = {"HOUSEKEY_REGISTRATION_VERIFICATION": "required"}


class Before(msgspec.Struct):
    town: Annotated[str, Meta(title="Home town")]


class More(msgspec.Struct):
    town: Annotated[str, Meta(title="Home town")]
    size: Annotated[Literal["S", "M"], Meta(title="Size of shirt")]


class MorePerhaps(msgspec.Struct):
    town: Annotated[str, Meta(title="Home town")]
    size: Annotated[str | None, Meta(title="Size of shirt")] = None


class Another(msgspec.Struct):
    town: Annotated[Literal["Rome", "Oslo"], Meta(title="Home town")]


class Fewer(msgspec.Struct):
    size: Annotated[str, Meta(title="Size of shirt")] = "M"


@pytest.fixture
def release(tmp_path: Path):
    """One release of a site after another, on one database."""

    def made(fields: type[msgspec.Struct]) -> Flask:
        app, db = Flask("host"), SQLAlchemy()
        url = f"sqlite:///{tmp_path / 'site.sqlite'}"
        app.config.update(QUICK | CONFIRMED_FIRST, SECRET_KEY="of a test, more than 32 characters")
        app.config["SQLALCHEMY_DATABASE_URI"] = url
        db.init_app(app)

        class User(UserMixin, db.Model):
            id = db.Column(db.Integer, primary_key=True)
            town = db.Column(db.String(80))
            size = db.Column(db.String(1))

        Housekey(app, db).registration_fields(fields)
        with app.app_context():
            db.create_all()
        return app

    return made


def begun(app, **more):
    """A browser that has registered and waits for its mail."""
    browser = app.test_client()
    answer = browser.post("/account/api/register", json={"email": ANN, "password": PASSWORD, **more})
    assert answer.status_code == 202, answer.text
    return browser


def after(app, browser):
    """The same browser, once the new release serves."""
    same = app.test_client()
    same._cookies = dict(browser._cookies)
    return same


@pytest.mark.parametrize("fields", [MorePerhaps, Fewer])
def test_a_release_between_typing_and_mail_keeps_nobody_out(release, fields):
    old = release(Before)
    browser = begun(old, town="Bern")
    new = release(fields)
    answer = after(new, browser).post("/account/api/register/confirm", json={"token": token_in(new, ANN)})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(("fields", "name", "why"), [(More, "size", "missing"), (Another, "town", "not_a_choice")])
def test_what_the_site_asks_for_by_now_is_told(release, fields, name, why):
    old = release(Before)
    browser, token = begun(old, town="Bern"), token_in(old, ANN)
    browser = after(release(fields), browser)
    refused = browser.post("/account/api/register/confirm", json={"token": token})
    assert refused.status_code == 422
    assert refused.json["fields"][name][0]["code"] == why
    anew = {"token": token, "password": PASSWORD, "town": "Oslo"} | ({"size": "S"} if fields is More else {})
    assert browser.post("/account/api/register/finish", json=anew).status_code == 201


def test_the_page_asks_for_all_of_it_once_more(release):
    old = release(Before)
    browser = begun(old, town="Bern")
    app = release(More)
    browser = after(app, browser)
    browser.get(Mailbox(app).last_link(to=ANN), follow_redirects=True)
    page = browser.post("/account/register/confirm", headers=OURS, follow_redirects=True)
    assert page.request.path == "/account/register/finish"
    assert "Choose your size of shirt." in page.text
    assert 'name="size"' in page.text
    assert "another browser" not in page.text
    form = {"town": "Bern", "size": "M", "password": PASSWORD}
    assert browser.post("/account/register/finish", data=form, headers=OURS).location == "/"


def test_whoever_lost_the_username_meanwhile_chooses_another():
    app = small_app(**CONFIRMED_FIRST)
    browser, link = begun(app, username="annie"), Mailbox(app).last_link(to=ANN)
    quicker = app.test_client()
    bob = {"email": "bob@example.test", "password": PASSWORD, "username": "annie"}
    quicker.post("/account/api/register", json=bob)
    code = code_in(app, bob["email"])
    assert quicker.post("/account/api/register/confirm", json={"code": code}).status_code == 201
    browser.get(link, follow_redirects=True)
    page = browser.post("/account/register/confirm", headers=OURS, follow_redirects=True)
    assert "Somebody has this username already" in page.text
    assert 'name="username"' in page.text
    form = {"username": "annabel", "password": PASSWORD}
    assert browser.post("/account/register/finish", data=form, headers=OURS).location == "/"
