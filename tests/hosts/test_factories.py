"""Several apps in one process: what is one app's never reaches another."""

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from hosts.apps import alone, with_flask_sqlalchemy, with_lite
from hosts.apps.common import add_pages, new_app
from housekey import Housekey, UserMixin
from housekey.errors import ConfigurationError
from rig.apps import PASSWORD, log_in, registered

ANN = "ann@example.test"


def test_a_factory_makes_many_apps_on_one_db(databases):
    for make_app in (with_flask_sqlalchemy.make_app, with_lite.make_app):
        with databases["sqlite"].fresh() as one, databases["sqlite"].fresh() as two:
            first, second = make_app(one), make_app(two)
            registered(first, ANN)
            assert log_in(second.test_client(), ANN).status_code == 401
            registered(second, ANN)
            for app in (make_app(one), first, second):
                assert log_in(app.test_client(), ANN).status_code == 200


def test_a_session_of_one_app_opens_nothing_in_another(databases):
    with databases["sqlite"].fresh() as one, databases["sqlite"].fresh() as two:
        first, second = with_flask_sqlalchemy.make_app(one), with_flask_sqlalchemy.make_app(two)
        ann = registered(first, ANN)
        registered(second, ANN)
        visitor = second.test_client()
        name = first.extensions["housekey"].cookies.session
        visitor.set_cookie(second.extensions["housekey"].cookies.session, ann.get_cookie(name).value)
        assert visitor.get("/account/api/me").status_code == 401


def test_each_app_has_its_own_settings(databases):
    with databases["sqlite"].fresh() as one, databases["sqlite"].fresh() as two:
        strict = alone.make_app(one, HOUSEKEY_REGISTRATION_OPEN=False, HOUSEKEY_URL_PREFIX="/konto")
        loose = alone.make_app(two, HOUSEKEY_PASSWORDS_MIN_LENGTH=8)
        assert strict.test_client().get("/konto/register").status_code == 403
        assert strict.test_client().get("/account/register").status_code == 404
        short = {"email": ANN, "password": "wren trout 9"}
        assert loose.test_client().post("/account/api/register", json=short).status_code == 201


def test_one_extension_object_serves_apps_with_different_settings(databases):
    with databases["sqlite"].fresh() as one, databases["sqlite"].fresh() as two:
        closed = with_flask_sqlalchemy.make_app(one, HOUSEKEY_REGISTRATION_OPEN=False)
        opened = with_flask_sqlalchemy.make_app(two)
        wanted = {"email": ANN, "password": PASSWORD}
        assert closed.test_client().post("/account/api/register", json=wanted).status_code == 403
        assert opened.test_client().post("/account/api/register", json=wanted).status_code == 201


def test_a_factory_that_declares_its_models_inside_can_be_called_again(databases):
    def create_app(url: str) -> Flask:
        app, db = new_app("inside", url), SQLAlchemy()
        db.init_app(app)

        class User(UserMixin, db.Model):
            id = db.Column(db.Integer, primary_key=True)

        Housekey(app, db)
        with app.app_context():
            db.create_all()
        add_pages(app)
        return app

    with databases["sqlite"].fresh() as one, databases["sqlite"].fresh() as two:
        for url in (one, two):
            assert registered(create_app(url), ANN).get("/private").status_code == 200


def test_an_app_takes_housekey_once(sqlite_url):
    app = new_app("twice", sqlite_url)
    accounts = Housekey(app)
    try:
        accounts.init_app(app)
    except ConfigurationError as error:
        assert "once" in str(error)
    else:
        raise AssertionError


def test_many_apps_on_one_db_leave_one_guard_behind(databases):
    """Else each app of a test suite would make every query of the next one slower."""
    with databases["sqlite"].fresh() as url:
        for _again in range(3):
            app = with_flask_sqlalchemy.make_app(url)
        with app.app_context():
            assert len(list(with_flask_sqlalchemy.db.session().dispatch.do_orm_execute)) == 1
        assert len(list(sa.inspect(with_flask_sqlalchemy.User).dispatch.after_insert)) == 1
