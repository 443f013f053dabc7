"""What a host has not set up, or not yet, is said with what to do."""

from __future__ import annotations

import secrets
from traceback import format_exception

import msgspec
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from housekey import Housekey, UserMixin
from housekey.errors import ConfigurationError
from housekey.store import versions
from rig.apps import small_app
from rig.people import house_of


def with_own_models(url, fields=None, create=True):
    """An app of Flask-SQLAlchemy, its extension and its model."""
    db = SQLAlchemy()

    class User(UserMixin, db.Model):
        id = db.Column(db.Integer, primary_key=True)

    app = Flask("own")
    app.secret_key = secrets.token_hex(32)
    app.config.update(SQLALCHEMY_DATABASE_URI=url, TESTING=True, HOUSEKEY_CREATE_TABLES=create)
    db.init_app(app)
    accounts = Housekey(db=db)
    if fields is not None:
        accounts.registration_fields(fields)
    accounts.init_app(app)
    return app, accounts, User


def test_a_user_model_and_a_session_of_the_hosts_own_are_looked_for_there(sqlite_url):
    app, accounts, _User = with_own_models(sqlite_url)
    with pytest.raises(ConfigurationError, match="import it from there"):
        _ = accounts.User
    with app.app_context(), pytest.raises(ConfigurationError, match=r"your own db\.session"):
        _ = accounts.session


def test_an_engine_alone_has_no_users():
    app = Flask("bare")
    with pytest.raises(ConfigurationError, match="Name your user model"):
        Housekey(app, engine=sa.create_engine("sqlite://"))


@pytest.mark.asvs("13.3.1")
@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgres://ann:hush@host/name", "kind of database that isn't known"),
        ("ann:hush", "isn't the address of a database"),
        ("postgresql+psycopg://ann:hush@host:hush/name", "isn't the address of a database"),
        ("mysql+no_such_driver://ann:hush@host/name", "kind of database that isn't known"),
        ("mssql+pymssql://ann:hush@host/name", "asks for the driver pymssql, which isn't installed"),
    ],
)
def test_an_address_that_is_no_databases_is_told_with_a_right_one_and_never_quoted(url, told):
    app = Flask("bare")
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    with pytest.raises(ConfigurationError, match=told) as refused:
        Housekey(app)
    assert "postgresql+psycopg://" in str(refused.value)
    assert "hush" not in "".join(format_exception(refused.value))


class Address(msgspec.Struct):
    street: str = ""


def test_a_field_without_its_column_is_named(sqlite_url):
    app, _accounts, _User = with_own_models(sqlite_url, Address)
    with pytest.raises(ConfigurationError, match="User has no column 'street'"):
        app.test_client().get("/account/register")


def told(caplog):
    return [record.message for record in caplog.records if "flask housekey db upgrade" in record.message]


def test_tables_that_nobody_has_made_are_told_in_the_log_before_the_first_form_fails(database_url, caplog):
    app, _accounts, _User = with_own_models(database_url, create=None)
    assert app.test_client().get("/account/login").status_code == 200
    assert told(caplog) == [
        "Housekey's tables aren't there: logins may fail until you have run `flask housekey db upgrade`."
    ]


def test_tables_of_an_earlier_release_are_told(sqlite_url, caplog):
    app, _accounts, _User = with_own_models(sqlite_url, create=False)
    with app.app_context():
        _User.metadata.create_all(house_of(app).store.engine)
        with house_of(app).store.engine.begin() as connection:
            versions.note(connection, house_of(app).store.schema, "0001")
    app.test_client().get("/account/login")
    assert told(caplog) == [
        "Housekey's tables are of an earlier release: logins may fail until you have run `flask housekey db upgrade`."
    ]


def test_tables_that_are_there_are_no_word(sqlite_url, caplog):
    app, _accounts, _User = with_own_models(sqlite_url, create=False)
    with app.app_context():
        _User.metadata.create_all(house_of(app).store.engine)
    app.test_client().get("/account/login")
    assert told(caplog) == []


def test_a_database_that_doesnt_answer_stops_no_page_that_needs_none(caplog):
    app, _accounts, _User = with_own_models("postgresql+psycopg://nobody@127.0.0.1:1/none", create=False)
    assert app.test_client().get("/account/login").status_code == 200
    assert told(caplog) == []


class Unheard:
    """A service that nothing provides."""


def test_a_service_of_a_capability_that_is_not_there_is_named():
    with pytest.raises(ConfigurationError, match="Unheard is not there"):
        house_of(small_app()).service(Unheard)
