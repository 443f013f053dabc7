"""An app that has lived for years takes Housekey on: no row is lost, people keep their passwords, and its own
migrations go on as before."""

import re
import secrets
from pathlib import Path
from types import SimpleNamespace

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.security import generate_password_hash

from housekey import Housekey, UserMixin
from housekey.commands import cli
from rig.apps import QUICK, log_in

PEOPLE = 30
SCRYPT_USER = 7
BATCH = """
def upgrade():
    with op.batch_alter_table("users", recreate="{recreate}") as batch:
        batch.alter_column("company", type_=sa.String(200), existing_type=sa.String(80), existing_nullable=True)


def downgrade():
    pass
"""


def password_of(number):
    return f"the old password {number}"


def hash_of(number):
    """What Werkzeug has made over the years; few rounds, since tests are many."""
    method = "scrypt:1024:8:1" if number == SCRYPT_USER else "pbkdf2:sha256:1000"
    return generate_password_hash(password_of(number), method=method)


def flask_app(url):
    app = Flask("years_old")
    app.config.update(QUICK | {"SECRET_KEY": secrets.token_hex(32), "SQLALCHEMY_DATABASE_URI": url})
    return app


def columns(db):
    """What both versions of the model have."""
    return {
        "__tablename__": "users",
        "id": db.Column(db.Integer, primary_key=True),
        "username": db.Column(db.String(40), unique=True, nullable=False),
        "email": db.Column(db.String(120), unique=True, nullable=False),
        "password_hash": db.Column(db.String(200), nullable=False),
        "company": db.Column(db.String(80)),
    }


def add_posts(db):
    class Post(db.Model):
        __tablename__ = "posts"
        id = db.Column(db.Integer, primary_key=True)
        text = db.Column(db.String(100))
        owner_id = db.Column(db.ForeignKey("users.id", name="fk_posts_owner"), nullable=False)

    return Post


class Host:
    """The app at one time of its life, with its migrations in `folder`."""

    def __init__(self, app, db, folder):
        self.app, self.db, self.folder = app, db, str(folder)
        flask_migrate.Migrate(app, db, directory=self.folder, render_as_batch=True)

    def migrate(self, message):
        """`flask db migrate`; answers the new script, None if there was nothing to do."""
        before = set(self.scripts())
        with self.app.app_context():
            flask_migrate.migrate(message=message)
        new = set(self.scripts()) - before
        return new.pop().read_text() if new else None

    def scripts(self):
        return Path(self.folder, "versions").glob("*.py")

    def upgrade(self):
        with self.app.app_context():
            flask_migrate.upgrade()

    def write_migration(self, body):
        with self.app.app_context():
            flask_migrate.revision(message="by hand")
            newest = max(self.scripts(), key=lambda path: path.stat().st_mtime_ns)
            head = newest.read_text().partition("def upgrade():")[0]
            newest.write_text(head + body)

    def housekey(self, *words):
        return self.app.test_cli_runner().invoke(cli, words)

    def rows(self, table):
        with self.app.app_context(), self.db.engine.connect() as connection:
            found = connection.exec_driver_sql(f"SELECT * FROM {table}").mappings()
            return sorted((dict(row) for row in found), key=repr)


def before(url, folder):
    """As it was: a model, a login view of its own, Werkzeug's hashes in a column."""
    app, db = flask_app(url), SQLAlchemy()
    db.init_app(app)
    User = type("User", (db.Model,), columns(db))
    Post = add_posts(db)
    host = Host(app, db, folder)
    with app.app_context():
        flask_migrate.init()
    host.migrate("first tables")
    host.upgrade()
    with app.app_context():
        for n in range(1, PEOPLE + 1):
            user = User(username=f"User{n}", email=f"User{n}@example.org", password_hash=hash_of(n), company="Acme")
            db.session.add(user)
            db.session.flush()
            db.session.add(Post(text=f"post of {n}", owner_id=user.id))
        db.session.commit()
    return host


def after(url, folder, **settings):
    """As it is from now on: the same columns, `UserMixin`, one line."""
    app, db = flask_app(url), SQLAlchemy()
    app.config.update({"HOUSEKEY_PASSWORDS_LEGACY_COLUMN": "password_hash", **settings})
    db.init_app(app)
    type("User", (UserMixin, db.Model), columns(db))
    add_posts(db)
    Housekey(app, db)
    return Host(app, db, folder)


@pytest.fixture
def story(database_url, tmp_path):
    """The app before, and after its first deployment with Housekey."""
    old = before(database_url, tmp_path / "migrations")
    users, posts = old.rows("users"), old.rows("posts")
    new = after(database_url, tmp_path / "migrations")
    script = new.migrate("housekey")
    new.upgrade()
    done = new.housekey("db", "upgrade")
    assert done.exit_code == 0, done.output
    return SimpleNamespace(host=new, users=users, posts=posts, script=script, output=done.output)


def test_the_hosts_own_migration_adds_its_new_column_and_nothing_of_ours(story):
    assert "add_column" in story.script
    assert "'name'" in story.script
    assert "housekey" not in story.script.partition("def upgrade")[2]


def test_no_row_is_lost_or_changed(story):
    assert story.host.rows("posts") == story.posts
    assert [{**row, "name": None} for row in story.users] == [
        {**row, "name": row["name"]} for row in story.host.rows("users")
    ]
    assert f"Users taken on: {PEOPLE}" in story.output


def test_old_people_log_in_with_their_old_passwords(story):
    for n in (1, SCRYPT_USER, PEOPLE):
        for identifier in (f"user{n}", f"USER{n}@example.org"):
            browser = story.host.app.test_client()
            assert log_in(browser, identifier, password_of(n)).status_code == 200
            assert browser.get("/account/api/me").json["user"]["email"] == f"User{n}@example.org"
    assert log_in(story.host.app.test_client(), "user1", password_of(2)).status_code == 401


def test_an_old_hash_is_made_anew_at_its_users_next_login(story):
    log_in(story.host.app.test_client(), "user1", password_of(1))
    (taken,) = story.host.rows("housekey_passwords")
    assert taken["hash"].startswith("$argon2id$")
    assert story.host.rows("users")[0].keys() >= {"password_hash"}


def test_the_next_migration_of_the_host_finds_nothing_to_do(story):
    assert story.host.migrate("again") is None
    checked = story.host.housekey("db", "check")
    assert checked.exit_code == 0, checked.output


def test_a_rebuild_of_the_users_table_loses_nothing_of_ours(story):
    """With ON DELETE CASCADE it would silently delete every password and session on SQLite."""
    browser = story.host.app.test_client()
    log_in(browser, "user1", password_of(1))
    ours = ("accounts", "identifiers", "sessions", "devices", "passwords")
    kept = {noun: story.host.rows(f"housekey_{noun}") for noun in ours}
    is_sqlite = story.host.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite")
    story.host.write_migration(BATCH.format(recreate="always" if is_sqlite else "auto"))
    story.host.upgrade()
    assert {noun: story.host.rows(f"housekey_{noun}") for noun in ours} == kept
    assert browser.get("/account/api/me").status_code == 200
    assert len(story.host.rows("users")) == PEOPLE
    assert story.host.housekey("db", "check").exit_code == 0


def test_our_tables_before_the_hosts_migration_are_refused_with_the_cure(database_url, tmp_path):
    before(database_url, tmp_path / "migrations")
    new = after(database_url, tmp_path / "migrations")
    done = new.housekey("db", "upgrade")
    assert done.exit_code == 1
    assert re.search(r"lacks columns of your User: name.*flask db upgrade", done.output, re.DOTALL)


def test_a_legacy_column_that_doesnt_exist_is_named_at_the_first_request(sqlite_url, tmp_path):
    from housekey.errors import ConfigurationError

    new = after(sqlite_url, tmp_path / "migrations", HOUSEKEY_PASSWORDS_LEGACY_COLUMN="pasword_hash")
    with pytest.raises(ConfigurationError, match="pasword_hash"):
        new.app.test_client().get("/account/login")


def test_two_people_with_one_address_in_two_spellings_are_told(databases, tmp_path):
    with databases["sqlite"].fresh() as url:
        old = before(url, tmp_path / "migrations")
        with old.app.app_context(), old.db.engine.begin() as connection:
            twin = "INSERT INTO users (username, email, password_hash) VALUES ('twin', 'USER1@example.org', 'x')"
            connection.execute(sa.text(twin))
        new = after(url, tmp_path / "migrations")
        new.migrate("housekey")
        new.upgrade()
        done = new.housekey("db", "upgrade")
        assert done.exit_code == 0
        assert f"users 1 and {PEOPLE + 1} have the same email" in done.output
        assert "@example.org" not in done.output
        assert log_in(new.app.test_client(), "user1@example.org", password_of(1)).status_code == 200
