"""It doesn't matter whether Housekey or the models come first; what is missing is said with its cure."""

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy_lite import SQLAlchemy as Lite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from hosts.apps.common import add_pages, new_app
from housekey import Housekey, UserMixin
from housekey.errors import ConfigurationError
from housekey.store.schema import schema_of
from rig.apps import registered


def declare_user(db):
    class User(UserMixin, db.Model):
        id = db.Column(db.Integer, primary_key=True)

    return User


def finish(app, db):
    with app.app_context():
        db.create_all()
    add_pages(app)
    assert registered(app).get("/private").status_code == 200


def test_user_before_housekey(sqlite_url):
    app = new_app("before", sqlite_url)
    db = SQLAlchemy(app)
    declare_user(db)
    Housekey(app, db)
    finish(app, db)


def test_user_after_housekey(sqlite_url):
    app = new_app("after", sqlite_url)
    db = SQLAlchemy(app)
    Housekey(app, db)
    declare_user(db)
    finish(app, db)


def test_housekey_before_the_database_extension(sqlite_url):
    app, db = new_app("db_last", sqlite_url), SQLAlchemy()
    accounts = Housekey(db=db)
    accounts.init_app(app)
    db.init_app(app)
    declare_user(db)
    finish(app, db)


def test_tables_that_the_host_made_before_it_declared_user_are_no_obstacle(sqlite_url):
    app, db = new_app("late", sqlite_url), SQLAlchemy()
    db.init_app(app)
    with app.app_context():
        db.create_all()
    Housekey(app, db)
    declare_user(db)
    finish(app, db)


def test_a_host_without_a_user_model_is_told_at_the_first_request(sqlite_url):
    app = new_app("none", sqlite_url)
    Housekey(app, SQLAlchemy(app))
    with pytest.raises(ConfigurationError, match=r"class User\(housekey.UserMixin, db.Model\)"):
        app.test_client().get("/account/login")


def test_lite_needs_the_model_by_name(sqlite_url):
    app, db = new_app("lite", sqlite_url), Lite()
    db.init_app(app)
    with pytest.raises(ConfigurationError, match="user_model=User"):
        Housekey(app, db)


def test_an_engine_needs_the_model_by_name(sqlite_url):
    with pytest.raises(ConfigurationError, match="user_model=User"):
        Housekey(new_app("engine", sqlite_url), engine=sa.create_engine(sqlite_url))


def test_a_session_must_be_one_that_can_be_watched(sqlite_url):
    class Base(DeclarativeBase):
        pass

    class User(UserMixin, Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)

    with pytest.raises(ConfigurationError, match="sessionmaker"):
        Housekey(new_app("x", sqlite_url), engine=sa.create_engine(sqlite_url), session=lambda: None, user_model=User)


def test_one_metadata_has_one_user_model():
    db = SQLAlchemy()
    declare_user(db)
    with pytest.raises(ConfigurationError, match="can't be a second one"):

        class Staff(UserMixin, db.Model):
            id = db.Column(db.Integer, primary_key=True)


def test_a_key_of_two_columns_is_refused():
    db = SQLAlchemy()
    with pytest.raises(ConfigurationError, match="one column"):

        class User(UserMixin, db.Model):
            tenant = db.Column(db.Integer, primary_key=True)
            id = db.Column(db.Integer, primary_key=True)


def test_a_cleared_metadata_can_be_filled_again():
    class Base(DeclarativeBase):
        pass

    class User(UserMixin, Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)

    before = schema_of(User)
    Base.metadata.clear()
    Base.metadata._add_table(User.__table__.name, None, User.__table__)
    assert schema_of(User) is not before
    assert "housekey_accounts" in Base.metadata.tables


def test_the_tables_can_be_copied_into_another_metadata():
    """Test suites and documentation tools do that."""
    db = SQLAlchemy()
    declare_user(db)
    copy = sa.MetaData()
    for table in db.metadata.sorted_tables:
        table.to_metadata(copy)
    assert "housekey_sessions" in copy.tables
