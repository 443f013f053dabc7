"""`current_user` made from the row of the session check is the object that the ORM would have loaded."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import reconstructor

from housekey import Housekey, UserMixin, current_user, login_required
from housekey.store.attaching import is_plain
from rig.apps import QUICK, registered


def host(**user_columns):
    """An app whose view tells what it sees of `current_user`; `app.seen` collects it."""
    app, db = Flask("host"), SQLAlchemy()
    app.secret_key = "k" * 16 + "0123456789abcdef"
    app.config.update(QUICK | {"SQLALCHEMY_DATABASE_URI": "sqlite://"})
    db.init_app(app)

    class Post(db.Model):
        id = db.Column(db.Integer, primary_key=True)
        owner_id = db.Column(db.ForeignKey("user.id"))

    class User(UserMixin, db.Model):
        id = db.Column(db.Integer, primary_key=True)
        visits = db.Column(db.Integer, default=0)
        posts = db.relationship(Post, lazy=user_columns.pop("lazy", "select"))
        locals().update(user_columns)

    app.accounts, app.db, app.User, app.Post, app.seen = Housekey(app, db), db, User, Post, []
    with app.app_context():
        db.create_all()

    @app.get("/visit")
    @login_required
    def visit():
        app.seen.append(
            (type(current_user._get_current_object()) is User, current_user in db.session, db.session.dirty)
        )
        current_user.visits += 1
        db.session.add(Post(owner_id=current_user.id))
        db.session.commit()
        return f"{current_user.email} {current_user.visits} {len(current_user.posts)}"

    return app


def statements(app, act):
    found = []
    with app.app_context():
        engine = app.db.engine

    def note(connection, cursor, statement, *rest):
        found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    return found


def test_it_belongs_to_the_hosts_session_with_its_relationships_and_its_changes_are_saved():
    app = host()
    client = registered(app)
    assert [client.get("/visit").text for _ in range(3)] == [f"ann@example.test {n} {n}" for n in (1, 2, 3)]
    assert all(is_user and in_session and not dirty for is_user, in_session, dirty in app.seen)


def test_who_asks_is_told_by_one_statement():
    app = host()

    @app.get("/name")
    def name():
        return current_user.email

    client = registered(app)
    client.get("/name")
    found = statements(app, lambda: client.get("/name"))
    assert len(found) == 1, found
    assert found[0].lstrip().startswith("SELECT")


def test_an_object_that_the_hosts_session_has_already_is_that_object():
    app = host()

    @app.get("/same")
    def same():
        user = app.db.session.get(app.User, 1)
        user.visits = 41
        return str(current_user._get_current_object() is user and current_user.visits == 41)

    client = registered(app)
    assert client.get("/same").text == "True"


def test_a_change_elsewhere_is_seen_at_the_next_request():
    app = host()
    client = registered(app)
    client.get("/visit")
    with app.app_context():
        app.db.session.execute(sa.update(app.User).values(visits=100))
        app.db.session.commit()
    assert client.get("/visit").text.split()[1] == "101"


@pytest.mark.parametrize(
    "columns",
    [
        {"lazy": "joined"},
        {"lazy": "selectin"},
        {"loaded": reconstructor(lambda self: None)},
        {"double": sa.orm.column_property(sa.literal(2) * 21)},
        {"secretive": sa.orm.deferred(sa.Column("secretive", sa.String(10)))},
    ],
    ids=["joined", "selectin", "reconstructor", "expression", "deferred"],
)
def test_whatever_is_not_plain_is_loaded_by_the_orm_and_works_as_well(columns):
    app = host(**columns)
    with app.app_context():
        assert not is_plain(sa.inspect(app.User))
    client = registered(app)
    assert client.get("/visit").text == "ann@example.test 1 1"


def test_a_hosts_own_filter_on_what_it_loads_is_asked():
    app = host()
    client = registered(app)
    asked = []
    with app.app_context():
        event.listen(app.db.session, "do_orm_execute", lambda state: asked.append(state))
    assert client.get("/visit").status_code == 200
    assert asked


def test_a_plain_model_is_plain():
    app = host()
    with app.app_context():
        assert is_plain(sa.inspect(app.User))
