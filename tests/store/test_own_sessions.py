"""The SQLAlchemy session of an app whose database Housekey made: one for each app context, ended with it."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from housekey import Housekey, current_user, login_required
from housekey.errors import HostTransactionOpen
from rig.apps import QUICK, registered, small_app


def filled(url):
    small_app(url)


@pytest.fixture
def schema():
    return filled


def test_each_request_sees_what_others_have_committed_meanwhile(database_url):
    """On MariaDB a transaction that stays open would show for ever what was there when it began."""
    app = small_app(database_url)
    app.add_url_rule("/name", "name", login_required(lambda: current_user.name))
    browser = registered(app, name="Ann")
    assert browser.get("/name").text == "Ann"
    with sa.create_engine(database_url).begin() as connection:
        connection.execute(sa.update(app.accounts.User).values(name="Anna"))
    assert browser.get("/name").text == "Anna"


def test_no_connection_is_held_after_a_request(database_url):
    app = small_app(database_url)
    app.add_url_rule("/name", "name", login_required(lambda: current_user.name))
    browser = registered(app, name="Ann")
    assert browser.get("/name").text == "Ann"
    assert app.extensions["housekey"].house.store.engine.pool.checkedout() == 0


def test_async_views_have_the_session_of_their_request(sqlite_url):
    app = small_app(sqlite_url)

    @app.get("/rename")
    @login_required
    async def rename():
        current_user.name = "Anna"
        app.accounts.session.commit()
        return str(current_user._get_current_object() in app.accounts.session)

    browser = registered(app, name="Ann")
    assert browser.get("/rename").text == "True"
    assert browser.get("/private").text == "Anna"


def test_an_engine_alone_is_served_the_same_way(sqlite_url, tmp_path):
    from flask import Flask
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

    from housekey import UserMixin

    class Base(DeclarativeBase): ...

    class Member(UserMixin, Base):
        __tablename__ = "members"
        id: Mapped[int] = mapped_column(primary_key=True)

    app = Flask("plain", instance_path=str(tmp_path))
    app.config.update(QUICK, SECRET_KEY="a key of the tests, and of nothing else")
    engine = sa.create_engine(f"sqlite:///{tmp_path}/plain.sqlite")
    accounts = app.accounts = Housekey(app, engine=engine, session=sessionmaker(engine), user_model=Member)
    Base.metadata.create_all(engine)
    app.add_url_rule("/private", "private", login_required(lambda: current_user.name))
    assert registered(app, name="Ann").get("/private").text == "Ann"
    with app.app_context():
        first = accounts.session()
        assert accounts.session() is first
    with app.app_context():
        assert accounts.session() is not first


def test_the_very_first_request_notices_work_that_isnt_committed(sqlite_url):
    """Before anything of ours was asked for."""
    from housekey import login_user

    app = small_app(sqlite_url)

    @app.post("/new")
    def new():
        user = app.accounts.User(email="new@example.org")
        app.accounts.session.add(user)
        app.accounts.session.flush()
        login_user(user)
        return ""

    with pytest.raises(HostTransactionOpen):
        app.test_client().post("/new")
