"""`flask housekey db`."""

import pytest
import sqlalchemy as sa

from hosts.apps.with_flask_sqlalchemy import User, db, make_app
from housekey.migrations import LATEST


@pytest.fixture
def app(database_url):
    """A host whose own migrations have just run, in the first deployment with Housekey."""
    app = make_app(database_url, tables=False)
    with app.app_context():
        yield app
        db.session.remove()


def people(*given):
    with db.engine.begin() as connection:
        rows = [{"email": None, "username": None, "company": "x", "joined": "2020-01-01"} | row for row in given]
        into = 'INSERT INTO "user" (email, username, company, joined) VALUES (:email, :username, :company, :joined)'
        if connection.dialect.name in ("mysql", "mariadb"):
            into = into.replace('"', "`")
        connection.execute(sa.text(into), rows)


def change(statement):
    with db.engine.begin() as connection:
        connection.exec_driver_sql(statement)


def test_upgrading_makes_the_tables_and_takes_people_on(run):
    people({"email": "ann@example.org"}, {"username": "bob"})
    told = run("db", "upgrade").stdout
    assert f"The tables of revision {LATEST} are there now." in told
    assert "Users taken on: 2" in told
    assert "All is well" in run("db", "check").stdout


def test_upgrading_again_says_that_nothing_was_to_do(run):
    run("db", "upgrade")
    assert f"The tables of revision {LATEST} were there already." in run("db", "upgrade").stdout


def test_names_that_clash_are_told_by_key_and_end_nothing(run):
    people({"email": "ann@example.org"}, {"email": "ANN@example.org"}, {"username": "x@y"})
    told = run("db", "upgrade").stdout
    assert "users 1 and 2 have the same email: 2 can't log in by it" in told
    assert "user 3 has an @ in the username" in told
    assert "example.org" not in told


def test_many_clashes_are_counted_and_all_stand_in_the_json(run):
    people(*({"email": "ann@example.org"} for _ in range(30)))
    answer = run.json("db", "upgrade")
    assert (answer["adopted"], answer["revision"], answer["before"]) == (30, LATEST, None)
    assert answer["unusable"][0] == {"user": "2", "kind": "email", "bearer": "1"}
    assert len(answer["unusable"]) == 29


def test_the_terminal_shows_a_few_clashes(run):
    people(*({"email": "ann@example.org"} for _ in range(30)))
    assert "and 9 more; --json shows all." in run("db", "upgrade").stdout


def test_upgrading_before_the_hosts_own_migrations_names_the_cure(run):
    User.__table__.drop(db.engine)
    assert "flask db upgrade" in run("db", "upgrade", code=1).stderr


def test_a_check_before_the_upgrade_fails_and_says_what_to_run(run):
    told = run("db", "check", code=1).stdout
    assert f"The tables are at revision none; the newest is {LATEST}." in told
    assert "Run: flask housekey db upgrade" in told


def test_a_check_tells_what_somebody_else_has_changed(run):
    run("db", "upgrade")
    change("ALTER TABLE housekey_accounts DROP COLUMN language")
    told = run("db", "check", code=1).stdout
    assert "housekey_accounts: the column language is missing" in told
    assert "Somebody else" in told


def test_a_check_counts_people_without_an_account(run):
    run("db", "upgrade")
    people({"email": "ann@example.org"})
    told = run("db", "check", code=1).stdout
    assert "Users without an account, who can't log in: 1" in told
    assert "Run: flask housekey db upgrade" in told
    run("db", "upgrade")
    run("db", "check")


def test_a_check_for_a_script(run):
    run("db", "upgrade")
    assert run.json("db", "check") == {
        "good": True,
        "revision": LATEST,
        "newest": LATEST,
        "differences": [],
        "unadopted": 0,
    }
    change("ALTER TABLE housekey_accounts DROP COLUMN language")
    answer = run.json("db", "check", code=1)
    assert not answer["good"]
    assert answer["differences"] == ["housekey_accounts: the column language is missing"]


def test_stamping_notes_a_revision(run, app):
    run("db", "upgrade")
    change("DELETE FROM housekey_version")
    assert f"Noted revision {LATEST}." in run("db", "stamp").stdout
    run("db", "check")


def test_stamping_what_differs_asks_first(run):
    told = run("db", "stamp", input="n\n", code=1)
    assert "housekey_sessions: the table is missing" in told.stdout
    assert "Note it all the same?" in told.output
    assert run.json("db", "check", code=1)["revision"] is None
    run("db", "stamp", "--yes")
    assert run.json("db", "check", code=1)["revision"] == LATEST


def test_a_newer_database_is_refused(run):
    run("db", "upgrade")
    change("UPDATE housekey_version SET version_num = '9999'")
    assert "9999" in run("db", "upgrade", code=1).stderr
    told = run("db", "check", code=1).stdout
    assert "The tables are at revision 9999" in told
    assert "install that one" in told
