"""The fields that a host declares are asked for on the page of registration."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from msgspec import Meta

from housekey import Housekey, UserMixin
from housekey.testing import HousekeyClient
from rig.apps import PASSWORD, QUICK

ANN = {"email": "ann@example.test", "password": PASSWORD}


@pytest.fixture
def made():
    app, db = Flask("host"), SQLAlchemy()
    app.config.update(QUICK, SECRET_KEY="of a test, more than 32 characters", SQLALCHEMY_DATABASE_URI="sqlite://")
    app.test_client_class = HousekeyClient
    db.init_app(app)

    class User(UserMixin, db.Model):
        id = db.Column(db.Integer, primary_key=True)
        town = db.Column(db.String(80))
        size = db.Column(db.String(1))

    accounts = Housekey(app, db)

    @accounts.registration_fields
    class Extra(msgspec.Struct):
        town: Annotated[str, Meta(title="Home town", max_length=80)]
        size: Annotated[Literal["S", "M"], Meta(title="Size of shirt")] = "M"

    with app.app_context():
        db.create_all()
    return app, db, User


def test_the_page_asks_for_them_and_they_land_in_the_hosts_columns(made):
    app, db, User = made
    browser = app.test_client()
    page = browser.get("/account/register").text
    assert "Home town" in page
    assert 'name="town"' in page
    assert "Size of shirt" in page
    assert browser.post("/account/register", data=ANN | {"town": "Jena", "size": "S"}).status_code == 303
    with app.app_context():
        ann = db.session.scalars(db.select(User)).one()
        assert (ann.town, ann.size) == ("Jena", "S")


def test_one_that_is_missing_is_asked_for_again_and_the_others_stay_typed(made):
    browser = made[0].test_client()
    answer = browser.post("/account/register", data=ANN | {"town": "", "size": "S"})
    assert answer.status_code == 422
    assert 'id="hk-town-fault"' in answer.text
    assert '<option value="S" selected>' in answer.text
