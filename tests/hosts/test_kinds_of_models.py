"""The ways in which hosts write their `User`."""

import uuid
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy_lite import SQLAlchemy as Lite
from msgspec import Meta
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, synonym, validates

from hosts.apps.common import add_pages, new_app
from housekey import Housekey, UserMixin, current_user, login_required
from housekey.errors import ConfigurationError
from rig.apps import PASSWORD, log_in, registered

ANN, BOB = "ann@example.test", "bob@example.test"


def finished(app, db, **settings):
    """With Housekey, its pages and all tables."""
    app.config.update(settings)
    accounts = Housekey(app, db)
    add_pages(app)
    with app.app_context():
        db.create_all()
    return accounts


class TestDataclasses:
    """`MappedAsDataclass`: the mixin's columns are no fields of the host's dataclass."""

    @pytest.fixture
    def host(self, database_url):
        """With Flask-SQLAlchemy-Lite: Flask-SQLAlchemy 3.1 itself has no dataclasses with SQLAlchemy 2.1."""

        class Base(MappedAsDataclass, DeclarativeBase):
            pass

        class User(UserMixin, Base):
            __tablename__ = "people"
            id: Mapped[int] = mapped_column(primary_key=True, init=False)
            company: Mapped[str] = mapped_column(sa.String(40), default="none")
            badge: Mapped[str] = mapped_column(sa.String(40), default_factory=lambda: uuid.uuid4().hex)

        app, db = new_app("dataclasses", database_url), Lite()
        db.init_app(app)
        Housekey(app, db, user_model=User)
        add_pages(app)
        with app.app_context():
            Base.metadata.create_all(db.engine)
        return app, db, User

    def test_people_register_and_the_dataclass_fills_its_own_columns(self, host):
        app, db, User = host
        ann = registered(app, ANN, name="Ann", username="ann")
        assert ann.get("/private").text == "Hello, Ann!"
        with app.app_context():
            user = db.session.scalars(sa.select(User)).one()
            assert (user.email, user.username, user.company, len(user.badge)) == (ANN, "ann", "none", 32)

    def test_the_host_makes_users_as_it_is_used_to(self, host):
        app, db, User = host
        with app.app_context():
            user = User(company="Acme")
            user.email = BOB
            user.set_password(PASSWORD)
            db.session.add(user)
            db.session.commit()
        assert log_in(app.test_client(), BOB).status_code == 200


class TestBinds:
    """Users in a database of their own, posts in another."""

    @pytest.fixture
    def host(self, databases):
        with databases["sqlite"].fresh() as posts, databases["sqlite"].fresh() as users:
            app, db = new_app("binds", posts, SQLALCHEMY_BINDS={"auth": users}), SQLAlchemy()
            db.init_app(app)

            class User(UserMixin, db.Model):
                __bind_key__ = "auth"
                id = db.Column(db.Integer, primary_key=True)

            class Post(db.Model):
                id = db.Column(db.Integer, primary_key=True)
                owner = db.Column(db.Integer)

            @app.post("/posts")
            @login_required
            def write():
                db.session.add(Post(owner=current_user.id))
                db.session.commit()
                return str(db.session.scalar(sa.select(sa.func.count()).select_from(Post)))

            finished(app, db)
            yield app, db

    def test_our_tables_stand_beside_the_users(self, host):
        app, db = host
        with app.app_context():
            names = {key: set(sa.inspect(engine).get_table_names()) for key, engine in db.engines.items()}
        assert "post" in names[None]
        assert not any(name.startswith("housekey_") for name in names[None])
        assert {"user", "housekey_sessions", "housekey_version"} <= names["auth"]

    def test_people_register_write_and_log_out(self, host):
        app, _db = host
        ann = registered(app, ANN)
        assert ann.post("/posts").text == "1"
        assert ann.get("/object").text == f"{ANN}, 1"
        assert ann.get("/account/sessions").status_code == 200
        assert ann.post("/account/api/logout", json={}).status_code == 204
        assert log_in(app.test_client(), ANN).status_code == 200

    def test_the_hosts_own_session_changes_a_password(self, host):
        app, db = host
        registered(app, ANN)
        with app.app_context():
            (user,) = db.session.scalars(sa.select(db.Model.registry._class_registry["User"]))
            user.set_password("another " + PASSWORD)
            db.session.commit()
        assert log_in(app.test_client(), ANN).status_code == 401
        assert log_in(app.test_client(), ANN, "another " + PASSWORD).status_code == 200

    def test_the_command_line_finds_the_right_database(self, host):
        from housekey.commands import cli

        app, _db = host
        for words in (["db", "check"], ["sweep"], ["users", "list"]):
            done = app.test_cli_runner().invoke(cli, words)
            assert done.exit_code == 0, done.output


class TestLiteWithTwoEngines:
    def test_users_of_a_base_bound_to_the_second_engine(self, databases):
        with databases["sqlite"].fresh() as one, databases["sqlite"].fresh() as two:
            app = new_app("two_engines", one)
            app.config["SQLALCHEMY_ENGINES"] = {"default": one, "auth": two}

            class AuthBase(DeclarativeBase):
                pass

            class User(UserMixin, AuthBase):
                __tablename__ = "users"
                id: Mapped[int] = mapped_column(primary_key=True)

            db = Lite()
            db.init_app(app)
            with app.app_context():
                db.sessionmaker.configure(binds={AuthBase: db.get_engine("auth")})
                AuthBase.metadata.create_all(db.get_engine("auth"))
            Housekey(app, db, user_model=User)
            add_pages(app)
            assert registered(app, ANN).get("/private").status_code == 200
            with app.app_context():
                assert sa.inspect(db.engine).get_table_names() == []


class TestColumns:
    def make(self, url, columns, extra=None, **settings):
        app, db = new_app("columns", url), SQLAlchemy()
        db.init_app(app)
        columns.setdefault("id", db.Column(db.Integer, primary_key=True))
        User = type("User", (UserMixin, db.Model), columns)
        accounts = finished(app, db, **settings)
        if extra is not None:
            accounts.registration_fields(extra)
        return app, db, User

    def test_a_host_leaves_a_column_out(self, sqlite_url):
        app, _db, User = self.make(sqlite_url, {"username": None, "name": None}, HOUSEKEY_REGISTRATION_USERNAME="off")
        assert {"username", "name"}.isdisjoint(User.__table__.c.keys())
        ann = registered(app, ANN)
        assert ann.get("/private").text == "Hello, ann!"
        assert ann.get("/account/profile").status_code == 200
        assert log_in(app.test_client(), ANN).status_code == 200

    def test_a_host_has_its_own_columns_of_these_names(self, sqlite_url):
        own = {
            "email": sa.Column(sa.String(60), unique=True, nullable=False),
            "username": sa.Column(sa.String(12), unique=True),
        }
        app, _db, User = self.make(sqlite_url, own)
        assert User.__table__.c.email.type.length == 60
        long = {"email": ANN, "username": "a" * 13, "password": PASSWORD}
        answer = app.test_client().post("/account/api/register", json=long)
        assert answer.status_code == 422
        assert [fault["code"] for fault in answer.json["fields"]["username"]] == ["too_long"]
        registered(app, ANN, username="annie")
        again = {"email": ANN.upper(), "username": "bob", "password": PASSWORD}
        assert app.test_client().post("/account/api/register", json=again).status_code == 422

    def test_a_key_of_another_name_is_followed(self, sqlite_url):
        app, db, _User = self.make(
            sqlite_url, {"id": None, "number": sa.Column("person_no", sa.Integer, primary_key=True)}
        )
        assert registered(app, ANN).get("/object").text == f"{ANN}, 1"
        with app.app_context():
            (key,) = sa.inspect(db.engine).get_foreign_keys("housekey_sessions")
            assert key["referred_columns"] == ["person_no"]

    def test_columns_that_the_host_fills_by_itself_are_no_obstacle(self, database_url):
        filled = {
            "joined": sa.Column(sa.DateTime, nullable=False, default=lambda: datetime.now(UTC).replace(tzinfo=None)),
            "plan": sa.Column(sa.String(10), nullable=False, server_default="free"),
            "version": sa.Column(sa.Integer, nullable=False),
            "__mapper_args__": {},
        }
        filled["__mapper_args__"]["version_id_col"] = filled["version"]
        app, _db, _User = self.make(database_url, filled)
        assert registered(app, ANN).get("/private").status_code == 200

    def refused(self, url, columns, **options):
        app, _db, _User = self.make(url, columns, **options)
        with pytest.raises(ConfigurationError) as refusal:
            app.test_client().get("/public")
        return str(refusal.value)

    def test_a_column_that_nothing_fills_is_named_before_anyone_registers(self, sqlite_url):
        told = self.refused(sqlite_url, {"company": sa.Column(sa.String(40), nullable=False)})
        assert "nothing fills User.company" in told
        assert "registration_fields" in told
        assert "HOUSEKEY_REGISTRATION_OPEN" in told

    def test_a_key_that_nothing_makes_is_named(self, sqlite_url):
        assert "User.id" in self.refused(sqlite_url, {"id": sa.Column(sa.Uuid, primary_key=True)})

    def test_a_username_that_people_may_leave_out_is_named(self, sqlite_url):
        own = {"username": sa.Column(sa.String(40), nullable=False)}
        told = self.refused(sqlite_url, own, HOUSEKEY_REGISTRATION_USERNAME="optional")
        assert 'HOUSEKEY_REGISTRATION_USERNAME = "required"' in told

    def test_a_username_that_must_be_given_is_no_obstacle(self, sqlite_url):
        own = {"username": sa.Column(sa.String(40), nullable=False)}
        app, _db, _User = self.make(sqlite_url, own)
        assert registered(app, ANN, username="ann").get("/public").status_code == 200

    def test_where_nobody_registers_nothing_needs_to_be_filled(self, sqlite_url):
        own = {"company": sa.Column(sa.String(40), nullable=False)}
        app, _db, _User = self.make(sqlite_url, own, HOUSEKEY_REGISTRATION_OPEN=False)
        assert app.test_client().get("/public").status_code == 200

    def test_a_declared_field_fills_its_column_only_if_it_must_be_given(self, sqlite_url):
        class Asked(msgspec.Struct):
            company: Annotated[str, Meta(max_length=40)]

        class Offered(msgspec.Struct):
            company: Annotated[str, Meta(max_length=40)] | None = None

        def own():
            return {"company": sa.Column(sa.String(40), nullable=False)}

        app, _db, _User = self.make(sqlite_url, own(), extra=Asked)
        assert registered(app, ANN, company="Acme").get("/public").status_code == 200
        assert "User.company" in self.refused(sqlite_url, own(), extra=Offered)

    def test_a_constructor_of_the_hosts_that_fills_a_column_is_no_obstacle(self, sqlite_url):
        def __init__(self, **values):
            super(type(self), self).__init__(**values)
            self.badge = uuid.uuid4().hex

        own = {"badge": sa.Column(sa.String(32), nullable=False), "__init__": __init__}
        app, _db, _User = self.make(sqlite_url, own)
        assert registered(app, ANN).get("/public").status_code == 200

    def test_a_listener_of_the_hosts_that_fills_a_column_is_no_obstacle(self, sqlite_url):
        app, _db, User = self.make(sqlite_url, {"badge": sa.Column(sa.String(32), nullable=False)})

        @sa.event.listens_for(User, "before_insert")
        def fill(mapper, connection, user):
            user.badge = uuid.uuid4().hex

        assert registered(app, ANN).get("/public").status_code == 200

    def test_a_constructor_as_old_tutorials_write_it_is_no_obstacle(self, sqlite_url):
        def __init__(self, email, username=None):
            self.email, self.username = email, username

        app, _db, _User = self.make(sqlite_url, {"__init__": __init__})
        assert registered(app, ANN, name="Ann").get("/private").text == "Hello, Ann!"

    def test_a_constructor_that_needs_more_is_named(self, sqlite_url):
        def __init__(self, email, password):
            self.email = email

        told = self.refused(sqlite_url, {"__init__": __init__})
        assert "User.__init__ needs password" in told

    def test_a_validator_that_wants_real_values_is_no_obstacle(self, sqlite_url):
        @validates("company")
        def check(self, key, value):
            return value.strip()

        class Asked(msgspec.Struct):
            company: Annotated[str, Meta(max_length=40)]

        own = {"company": sa.Column(sa.String(40), nullable=False), "badge": sa.Column(sa.String(9)), "check": check}
        app, _db, _User = self.make(sqlite_url, own, extra=Asked)
        assert registered(app, ANN, company=" Acme ").get("/public").status_code == 200


def test_old_code_that_reads_another_name_of_a_column_goes_on(sqlite_url):
    app, db = new_app("synonym", sqlite_url), SQLAlchemy()
    db.init_app(app)

    class User(UserMixin, db.Model):
        id = db.Column(db.Integer, primary_key=True)
        login = synonym("username")

    finished(app, db)
    registered(app, ANN, username="ann")
    with app.app_context():
        user = db.session.scalars(sa.select(User).filter_by(login="ann")).one()
        user.login = "anna"
        db.session.commit()
    assert log_in(app.test_client(), "anna").status_code == 200
    assert log_in(app.test_client(), "ann").status_code == 401
