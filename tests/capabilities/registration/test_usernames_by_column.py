"""Whether registration asks for a username: as the setting says, else as the host's column needs it; and for a name."""

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from housekey import Housekey, UserMixin
from housekey.commands import cli
from housekey.errors import ConfigurationError
from housekey.testing import PASSWORD, SETTINGS

ANN = {"email": "ann@example.test", "password": PASSWORD}


def host(column, *, named=True, **config):
    db = SQLAlchemy()

    class User(UserMixin, db.Model):
        id = db.Column(db.Integer, primary_key=True)
        username = column and db.Column(db.String(64), unique=True, **column)
        name = db.Column(db.String(100)) if named else None

    app = Flask("host")
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI="sqlite://", HOUSEKEY_REGISTRATION_VERIFICATION="off", **config)
    db.init_app(app)
    Housekey(app, db)
    with app.app_context():
        db.create_all()
    return app.test_client()


def register(browser, **more):
    return browser.post("/account/api/register", json=ANN | more).status_code


def test_a_column_that_must_be_filled_makes_it_required():
    browser = host({"nullable": False})
    assert register(browser) == 422
    assert register(browser, username="ann") == 201


@pytest.mark.parametrize("column", [{"nullable": True}, {"nullable": False, "default": "nobody"}])
def test_a_column_that_may_be_empty_leaves_it_to_the_person(column):
    assert register(host(column)) == 201
    assert register(host(column), username="ann") == 201


def test_without_a_column_there_is_none():
    browser = host(None)
    assert 'name="username"' not in browser.get("/account/register").text
    assert register(browser) == 201


def test_what_the_setting_says_counts():
    assert register(host({"nullable": True}, HOUSEKEY_REGISTRATION_USERNAME="required")) == 422
    assert (
        'name="username"'
        not in host({"nullable": True}, HOUSEKEY_REGISTRATION_USERNAME="off").get("/account/register").text
    )
    with pytest.raises(ConfigurationError, match="NOT NULL"):
        host({"nullable": False}, HOUSEKEY_REGISTRATION_USERNAME="optional").get("/account/register")


@pytest.mark.parametrize("page", ["/account/register", "/account/register/passkey"])
@pytest.mark.parametrize("named", [True, False])
def test_a_name_is_asked_for_only_where_it_can_be_kept(page, named):
    browser = host(None, named=named)
    assert ('name="name"' in browser.get(page).text) is named
    assert register(browser) == 201


def test_nor_can_an_operator_give_one_where_it_would_be_lost():
    app = host(None, named=False).application
    create = ["users", "create", "ann@example.test", "--password-stdin"]
    refused = app.test_cli_runner().invoke(cli, [*create, "--name", "Ann"], input=PASSWORD)
    assert (refused.exit_code, "no field name" in refused.output) == (2, True)
    assert app.test_cli_runner().invoke(cli, create, input=PASSWORD).exit_code == 0
