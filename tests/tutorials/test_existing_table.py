"""An app with a users table of its own takes Housekey on without losing a row (docs/coming-from/existing-table.md)."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from housekey.commands import cli as housekey_commands
from housekey.testing import SETTINGS, configure
from tutorials.existing_table import after, before


@pytest.fixture
def url(tmp_path):
    """A database as the app of old has left it."""
    url = f"sqlite:///{tmp_path}/shop.sqlite"
    app = before.create_app({"SQLALCHEMY_DATABASE_URI": url})
    with app.app_context():
        before.db.create_all()
        before.register("ann", "ann@example.com", "ann's old password")
        before.register("bob", None, "bob's old password")
        before.register("Cleo", "cleo@example.com", "cleo's old password")
        before.register("CLEO", "other@example.com", "another password")
        before.db.session.add(before.Order(customer_id=1))
        before.db.session.commit()
    return url


@pytest.fixture
def upgraded(url):
    app = configure(after.create_app({**SETTINGS, "SQLALCHEMY_DATABASE_URI": url}))
    done = app.test_cli_runner().invoke(housekey_commands, ["db", "upgrade"])
    assert done.exit_code == 0, done.output
    app.upgrade_said = done.output
    return app


def login(app, identifier, password):
    client = app.test_client()
    answer = client.post("/account/api/login", json={"identifier": identifier, "password": password})
    return client if answer.status_code == 200 else None


def test_everybody_logs_in_with_the_password_of_old(upgraded):
    for identifier, password in (
        ("ann", "ann's old password"), ("ann@example.com", "ann's old password"), ("BOB", "bob's old password"),
        ("cleo", "cleo's old password"), ("other@example.com", "another password"),
    ):  # fmt: skip
        assert login(upgraded, identifier, password), identifier
        assert not login(upgraded, identifier, "wrong password")


def test_names_that_can_no_longer_be_told_apart_are_told_to_the_operator(upgraded):
    assert "users 3 and 4 have the same username: 4 can't log in by it" in upgraded.upgrade_said


def test_hashes_move_to_housekeys_table_at_the_next_login(upgraded):
    passwords = upgraded.extensions["housekey"].house.store.tables["passwords"]

    def kept():
        with upgraded.app_context():
            return after.db.session.execute(sa.select(passwords.c.hash)).scalars().all()

    assert kept() == []
    assert login(upgraded, "ann", "ann's old password")
    assert [hash.startswith("$argon2id$") for hash in kept()] == [True]
    with upgraded.app_context():
        after.db.session.execute(sa.update(after.User).values(pw_hash=None))
        after.db.session.commit()
    assert login(upgraded, "ann", "ann's old password")
    assert not login(upgraded, "bob", "bob's old password")


def test_the_apps_own_rows_and_names_stay(upgraded):
    with upgraded.app_context():
        ann = after.db.session.scalar(sa.select(after.User).where(after.User.login == "ann"))
        assert (ann.id, ann.login, ann.username, len(ann.orders)) == (1, "ann", "ann", 1)
        assert after.db.session.scalar(sa.select(sa.func.count()).select_from(after.User)) == 4


def test_neither_side_wants_the_others_tables(upgraded):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with upgraded.app_context(), after.db.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), after.db.metadata) == []
    checked = upgraded.test_cli_runner().invoke(housekey_commands, ["db", "check"])
    assert checked.exit_code == 0, checked.output


def test_a_second_upgrade_changes_nothing(upgraded):
    done = upgraded.test_cli_runner().invoke(housekey_commands, ["db", "upgrade"])
    assert done.exit_code == 0
    assert login(upgraded, "ann", "ann's old password")


def test_a_hash_of_old_is_not_loaded_with_its_user(upgraded):
    with upgraded.app_context(), sessionmaker(after.db.engine)() as session:
        assert "pw_hash" not in vars(session.get(after.User, 1))
