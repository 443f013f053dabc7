"""Our own transactions beside the host's: at once or not at all, and never a row of the host's touched.

Each promise holds for each kind of host, on each database.
"""

import secrets
import uuid
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy_lite import SQLAlchemy as Lite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from housekey import Housekey, UserMixin
from housekey.errors import HostTransactionOpen
from housekey.kernel import clock
from housekey.kernel.tokens import digest
from rig.apps import QUICK
from rig.engines import engines_closed


def make_app(url):
    app = Flask("host")
    app.secret_key = secrets.token_hex(32)
    app.config.update(QUICK)
    if url == "memory":
        app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", SQLALCHEMY_ENGINES={"default": "sqlite://"})
    else:
        app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_ENGINES={"default": url})
    return app


def models(base):
    class User(UserMixin, base):
        __tablename__ = "people"
        id: Mapped[int] = mapped_column(primary_key=True)

    class Post(base):
        __tablename__ = "posts"
        id: Mapped[int] = mapped_column(primary_key=True)
        text: Mapped[str] = mapped_column(sa.String(20))

    return User, Post


def flask_sqlalchemy_host(url):
    app, db = make_app(url), SQLAlchemy()
    User, Post = models(db.Model)
    db.init_app(app)
    Housekey(app, db)
    return SimpleNamespace(app=app, User=User, Post=Post, session=lambda: db.session(), make=db.create_all)


def lite_host(url):
    class Base(DeclarativeBase):
        pass

    app, db = make_app(url), Lite()
    User, Post = models(Base)
    db.init_app(app)
    Housekey(app, db, user_model=User)
    make = lambda: Base.metadata.create_all(db.engine)  # noqa: E731
    return SimpleNamespace(app=app, User=User, Post=Post, session=lambda: db.session, make=make)


def plain_host(url):
    class Base(DeclarativeBase):
        pass

    app = make_app(url)
    User, Post = models(Base)
    shared = {"poolclass": sa.pool.StaticPool, "connect_args": {"check_same_thread": False}}
    engine = sa.create_engine("sqlite://", **shared) if url == "memory" else sa.create_engine(url)
    accounts = Housekey(app, engine=engine, user_model=User)
    make = lambda: Base.metadata.create_all(engine)  # noqa: E731
    return SimpleNamespace(app=app, User=User, Post=Post, session=lambda: accounts.session(), make=make)


HOSTS = {"flask-sqlalchemy": flask_sqlalchemy_host, "lite": lite_host, "plain": plain_host}


@pytest.fixture(scope="module", params=["memory", "sqlite", "postgresql", "mariadb"])
def url(request, databases):
    with engines_closed():
        if request.param == "memory":
            yield "memory"
        else:
            with databases[request.param].fresh() as address:
                yield address


@pytest.fixture(scope="module", params=HOSTS)
def made(request, url):
    """One app for all tests of a kind of host and database; each test begins with the same rows."""
    host = HOSTS[request.param](url)
    with host.app.app_context():
        host.make()
        host.house = host.app.extensions["housekey"].house
        yield host
        host.house.store.schema.metadata.drop_all(host.house.store.engine)
        host.house.store.engine.dispose()


@pytest.fixture
def host(made):
    with made.house.store.engine.begin() as connection:
        for table in (*made.house.store.schema.owned, made.Post.__table__, made.User.__table__):
            connection.execute(sa.delete(table))
    session = made.session()
    user = made.User(email="ann@example.org", name="old")
    session.add(user)
    session.commit()
    made.user_id = user.id
    session.close()
    yield made
    made.session().close()


def act(host):
    """A verb of ours that refers to the user's row."""
    device = {"token": digest(uuid.uuid4().hex), "id": uuid.uuid4().hex[:22], "family": "x"}
    times = {"created_at": clock.now(), "last_seen_at": clock.now()}
    with host.house.write() as unit:
        unit.execute(sa.insert(unit.tables["devices"]).values(user_id=host.user_id, **device, **times))


def acts(host):
    """How often `act` was done, as a read of ours sees it."""
    with host.house.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(host.house.store.tables["devices"]))


def user_of(host):
    return host.session().get(host.User, host.user_id)


def is_refused(host):
    """Without the guard, SQLite would raise another error after five seconds, and the others would wait forever."""
    with pytest.raises(HostTransactionOpen, match="commit"):
        act(host)


def test_a_verb_runs_beside_a_session_that_has_only_read(host):
    assert user_of(host).name == "old"
    act(host)
    assert user_of(host).name == "old"
    act(host)
    assert acts(host) == 2


def test_changes_that_are_not_flushed_yet_survive_a_verb(host):
    user_of(host).name = "new"
    act(host)
    host.session().commit()
    assert user_of(host).name == "new"
    assert acts(host) == 1


def change_a_user(host):
    user_of(host).name = "new"
    host.session().flush()


def change_an_address(host):
    user_of(host).email = "other@example.org"
    host.session().flush()


def add_a_post(host):
    host.session().add(host.Post(text="x"))
    host.session().flush()


def add_a_user(host):
    host.session().add(host.User(email="bob@example.org"))
    host.session().flush()


def delete_a_user(host):
    host.session().delete(user_of(host))
    host.session().flush()


def autoflush(host):
    user_of(host).name = "new"
    host.session().scalars(sa.select(host.Post)).all()


def insert_by_statement(host):
    host.session().execute(sa.insert(host.Post).values(text="x"))


def update_by_statement(host):
    host.session().execute(sa.update(host.User).values(name="new"))


def insert_by_text(host):
    host.session().execute(sa.text("/* a post */ INSERT INTO posts (text) VALUES ('x')"))


def save_in_bulk(host):
    host.session().bulk_save_objects([host.Post(text="x")])


def lock_the_user(host):
    host.session().get(host.User, host.user_id, with_for_update=True)


def lock_by_text(host):
    suffix = "" if host.house.store.engine.dialect.name == "sqlite" else " FOR UPDATE"
    host.session().execute(sa.text(f"SELECT * FROM people{suffix} -- for update"))


WORK = [
    change_a_user,
    change_an_address,
    add_a_post,
    add_a_user,
    delete_a_user,
    autoflush,
    insert_by_statement,
    update_by_statement,
    insert_by_text,
    save_in_bulk,
    lock_the_user,
    lock_by_text,
]


@pytest.mark.parametrize("work", WORK, ids=lambda work: work.__name__)
def test_uncommitted_work_of_the_host_is_refused_at_once_and_stays(host, work):
    work(host)
    is_refused(host)
    host.session().commit()
    posts = host.session().scalar(sa.select(sa.func.count()).select_from(host.Post))
    assert posts == (1 if work in (add_a_post, insert_by_statement, insert_by_text, save_in_bulk) else 0)
    assert (user_of(host) is None) == (work is delete_a_user)
    if work is not delete_a_user:
        act(host)
        assert acts(host) == 1


@pytest.mark.parametrize("work", [add_a_post, change_a_user], ids=lambda work: work.__name__)
def test_reads_go_on_beside_uncommitted_work_and_leave_it_alone(host, work):
    work(host)
    assert acts(host) == 0
    host.session().rollback()
    assert host.session().scalar(sa.select(sa.func.count()).select_from(host.Post)) == 0
    assert user_of(host).name == "old"


def test_after_a_rollback_a_verb_runs(host):
    add_a_post(host)
    host.session().rollback()
    act(host)
    assert acts(host) == 1


def test_a_savepoint_that_has_ended_leaves_work_uncommitted(host):
    with host.session().begin_nested():
        host.session().add(host.Post(text="x"))
    is_refused(host)
    host.session().commit()
    act(host)
    assert acts(host) == 1


READS = [
    "SELECT 1",
    "  select 1",
    "-- why\nSELECT 1",
    "/* INSERT INTO posts */ SELECT 1",
    "(SELECT 1)",
]


@pytest.mark.parametrize("statement", READS)
def test_a_read_by_text_is_no_work(host, statement):
    if statement.startswith("(") and host.house.store.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no parentheses around a statement")
    host.session().execute(sa.text(statement))
    act(host)
    assert acts(host) == 1


def test_a_verb_that_fails_leaves_nothing(host):
    def fail():
        with host.house.write() as unit:
            unit.execute(sa.delete(unit.tables["identifiers"]))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with host.house.read() as connection:
        assert connection.scalar(sa.select(host.house.store.tables["identifiers"].c.key)) == "ann@example.org"


@pytest.mark.parametrize("make", HOSTS.values(), ids=HOSTS)
def test_the_first_verb_of_a_process_is_guarded_too(sqlite_url, make):
    """The host's view may write before anything of ours has been asked."""
    for _again in range(2):
        host = make(sqlite_url)
        with host.app.app_context():
            host.make()
            session = host.session()
            user = host.User(email=f"{uuid.uuid4().hex}@example.org")
            session.add(user)
            session.flush()
            host.user_id, host.house = user.id, host.app.extensions["housekey"].house
            is_refused(host)
            session.rollback()
            session.close()
            host.house.store.schema.metadata.drop_all(host.house.store.engine)
            host.house.store.engine.dispose()


def test_a_lite_host_may_init_its_database_after_housekey(sqlite_url):
    class Base(DeclarativeBase):
        pass

    app, db = make_app(sqlite_url), Lite()
    User, Post = models(Base)
    Housekey(app, db, user_model=User)
    db.init_app(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)
        house = app.extensions["housekey"].house
        with house.read():
            pass
        db.session.add(Post(text="x"))
        db.session.flush()
        with pytest.raises(HostTransactionOpen), house.write():
            pass
