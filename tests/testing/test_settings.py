"""`SETTINGS` and `configure`: quick, before Housekey or after."""

import pytest
from flask import Flask

from housekey import Housekey
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.errors import ConfigurationError
from housekey.testing import PASSWORD, SETTINGS, HousekeyClient, configure, make_user
from housekey.testing.databases import Templates, address_of
from housekey.web import planted


def profile_of(app):
    return app.extensions["housekey"].house.settings[PasswordSettings].hash_profile


def hash_in(app):
    from sqlalchemy import select

    house = app.extensions["housekey"].house
    make_user(app)
    with app.app_context(), house.read() as connection:
        return connection.scalar(select(house.store.tables["passwords"].c.hash))


def test_settings_before_housekey_make_hashes_cheap():
    app = Flask("before")
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI="sqlite://")
    Housekey(app)
    assert profile_of(app) == "cheap"
    assert "m=64," in hash_in(app)


def test_an_app_that_was_made_by_its_import_takes_the_settings_over():
    app = Flask("after")
    app.secret_key = "the app's own key, which its cookies are named by"
    app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://")
    Housekey(app)
    assert profile_of(app) == "standard"
    cookie = app.extensions["housekey"].cookies.session
    assert configure(app, HOUSEKEY_PASSWORDS_MIN_LENGTH=8) is app
    assert profile_of(app) == "cheap"
    assert app.extensions["housekey"].house.settings[PasswordSettings].min_length == 8
    assert "m=64," in hash_in(app)
    assert (app.testing, app.test_client_class) == (True, HousekeyClient)
    assert app.secret_key.startswith("the app's own key")
    browser = app.test_client(user=make_user(app))
    assert browser.get_cookie(cookie) is not None


def test_the_database_of_the_instance_folder_is_left_alone_where_people_have_accounts(tmp_path):
    """An app that is made by its import keeps its database: known passwords would lie among those of the site."""

    def imported():
        app = Flask("imported", instance_path=str(tmp_path))
        Housekey(app)
        return app

    make_user(configure(imported()))
    with pytest.raises(ConfigurationError, match="FLASK_SQLALCHEMY_DATABASE_URI") as told:
        configure(imported())
    assert str(tmp_path) in str(told.value)
    named = Flask("named", instance_path=str(tmp_path))
    named.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'housekey.sqlite'}"
    Housekey(named)
    configure(named)


def test_an_app_without_a_key_gets_one_for_tests():
    assert len(configure(Flask("keyless")).secret_key) >= 32


def test_a_wrong_setting_is_told_as_ever():
    with pytest.raises(ConfigurationError, match="HOUSEKEY_PASSWORDS_MIN_LENGTH"):
        Housekey(configure(Flask("wrong"), HOUSEKEY_PASSWORDS_MIN_LENGTHH=9))


def test_loading_the_package_lets_tests_plant_logins():
    assert planted.believed


def test_a_name_that_isnt_there_is_an_attribute_error():
    import housekey.testing

    assert {name for name in housekey.testing.__all__ if not hasattr(housekey.testing, name)} == set()
    with pytest.raises(AttributeError, match="no attribute 'HousekeyBrowser'"):
        _ = housekey.testing.HousekeyBrowser


def test_the_known_password_is_one_that_a_form_takes():
    app = configure(Flask("form"), SQLALCHEMY_DATABASE_URI="sqlite://", HOUSEKEY_REGISTRATION_VERIFICATION="off")
    Housekey(app)
    answer = app.test_client().post("/account/api/register", json={"email": "ann@example.test", "password": PASSWORD})
    assert answer.status_code == 201


def test_a_template_is_filled_once_and_each_copy_is_its_own(tmp_path):
    import sqlalchemy as sa

    filled = []

    def fill(url):
        filled.append(url)
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("CREATE TABLE things (name TEXT)")
            connection.exec_driver_sql("INSERT INTO things VALUES ('lamp')")
        engine.dispose()

    templates = Templates(tmp_path)
    for name in ("one", "two"):
        templates.copy(fill, tmp_path / f"{name}.sqlite")
        engine = sa.create_engine(address_of(tmp_path / f"{name}.sqlite"))
        with engine.begin() as connection:
            assert connection.exec_driver_sql("DELETE FROM things").rowcount == 1
        engine.dispose()
    assert len(filled) == 1


def test_without_a_schema_the_database_is_empty(housekey_database):
    import sqlalchemy as sa

    engine = sa.create_engine(housekey_database)
    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
