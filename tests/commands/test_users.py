"""`flask housekey users`."""

from __future__ import annotations

import tempfile
import uuid
from typing import Annotated

import msgspec
import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy_lite import SQLAlchemy as LiteSQLAlchemy
from msgspec import Meta
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from housekey import Housekey, UserMixin
from housekey.capabilities.passwords.events import PasswordChanged
from housekey.capabilities.registration.events import UserDeleted, UserRegistered
from rig.apps import PASSWORD, QUICK, log_in, registered, small_app

TWICE = f"{PASSWORD}\n{PASSWORD}\n"


def test_an_account_made_on_the_command_line_can_log_in(run, app):
    run("users", "create", "ann@example.test", "--username", "ann", "--name", "Ann Smith", input=TWICE)
    assert log_in(app.test_client(), "ann").status_code == 200


def test_an_account_can_be_made_where_registration_is_closed(runner):
    app = small_app(HOUSEKEY_REGISTRATION_OPEN=False)
    runner(app)("users", "create", "ann@example.test", input=TWICE)
    assert log_in(app.test_client()).status_code == 200


def test_the_password_is_never_shown(run):
    shown = run("users", "create", "ann@example.test", input=TWICE).output
    assert PASSWORD not in shown


def test_no_command_takes_a_password_as_an_argument(run):
    for command in ("create", "set-password"):
        assert "--password " not in run("users", command, "--help").output
        run("users", command, "ann@example.test", "--password", PASSWORD, code=2)


def test_a_password_may_come_from_stdin(run, app):
    run("users", "create", "ann@example.test", "--password-stdin", input=f"{PASSWORD}\n")
    assert log_in(app.test_client()).status_code == 200


@pytest.mark.parametrize("given", [b"", b"\n", b"two\nlines of it\n", b"not \xff UTF-8 at all\n", b"x" * 70_000])
def test_what_is_no_password_on_stdin_is_wrong_usage(run, given):
    run("users", "create", "ann@example.test", "--password-stdin", input=given, code=2)
    assert run.json("users", "list") == []


def test_a_weak_password_on_stdin_is_refused_with_its_reason(run):
    shown = run("users", "create", "ann@example.test", "--password-stdin", input="short\n", code=1).stderr
    assert "at least 15 characters" in shown


def test_a_weak_password_is_asked_for_again(run, app):
    shown = run("users", "create", "ann@example.test", input=f"short\n{TWICE}")
    assert "at least 15 characters" in shown.stderr
    assert log_in(app.test_client()).status_code == 200


def test_two_different_passwords_are_asked_for_again(run, app):
    run("users", "create", "ann@example.test", input=f"{PASSWORD}\nsomething else entirely\n{TWICE}")
    assert log_in(app.test_client()).status_code == 200


def test_a_password_made_of_the_name_is_refused(run):
    run(
        *("users", "create", "ann@example.test", "--name", "Annabella Smithson", "--password-stdin"),
        input="annabella smithson", code=1,
    )  # fmt: skip


def test_an_account_without_a_password_lets_nobody_in(run, app):
    run("users", "create", "ann@example.test", "--no-password")
    assert run.json("users", "show", "ann@example.test")["has_password"] is False
    assert log_in(app.test_client()).status_code == 401


def test_no_password_and_a_password_from_stdin_contradict_each_other(run):
    run("users", "create", "ann@example.test", "--no-password", "--password-stdin", input=TWICE, code=2)


def test_a_taken_address_is_told_before_anybody_types_a_password(run):
    run("users", "create", "ann@example.test", "--no-password")
    again = run("users", "create", "ANN@example.test", input=TWICE, code=1)
    assert "already. Look: flask housekey users show" in again.stderr
    assert "New password" not in again.output


def test_all_faults_are_told_at_once(run):
    shown = run("users", "create", "nonsense", "--username", "a@b", "--no-password", code=1).stderr
    assert "email:" in shown
    assert "username:" in shown


def test_a_new_account_may_have_roles(run):
    run("roles", "create", "editor", "posts:edit")
    run("users", "create", "ann@example.test", "--no-password", "--role", "editor", "--role", "admin")
    shown = run.json("users", "show", "ann@example.test")
    assert shown["roles"] == ["admin", "editor"]
    assert {"posts:edit", "users:manage"} <= set(shown["permissions"])


def test_an_unknown_role_makes_no_account(run):
    shown = run("users", "create", "ann@example.test", "--no-password", "--role", "editor", code=1).stderr
    assert "There is no role editor" in shown
    assert run.json("users", "list") == []


def test_listeners_hear_of_an_account_made_on_the_command_line(run, app):
    heard = []
    app.accounts.on(UserRegistered, lambda event, session: heard.append(event.user_id))
    run("users", "create", "ann@example.test", "--no-password")
    assert heard == [1]


def test_a_username_is_refused_where_there_are_none(runner):
    app = small_app(HOUSEKEY_REGISTRATION_USERNAME="off")
    run = runner(app)
    assert "username" in run("users", "create", "a@example.test", "--username", "ann", "--no-password", code=2).stderr


@pytest.fixture
def app_with_fields(app_with) -> Flask:
    accounts = Housekey()
    accounts.User.company = mapped_column(sa.String(80))
    accounts.User.staff = mapped_column(sa.Boolean)

    @accounts.registration_fields
    class Extra(msgspec.Struct):
        company: Annotated[str, Meta(title="Company", max_length=10)]
        staff: bool = False

    return app_with(accounts)


def test_the_fields_of_the_app_are_asked_for_and_judged_as_in_the_page(runner, app_with_fields):
    run = runner(app_with_fields)
    new = ("users", "create", "ann@example.test", "--no-password")
    assert "company: Enter your company" in run(*new, code=1).stderr
    assert "at most 10" in run(*new, "--field", "company=Example Industries", code=1).stderr
    run(*new, "--field", "company=Example", "--field", "staff=yes")


@pytest.mark.parametrize("field", ["company", "id=7", "password=x", "email=x", "disabled_at=x"])
def test_no_other_field_can_be_set(runner, app_with_fields, field):
    run = runner(app_with_fields)
    run("users", "create", "ann@example.test", "--no-password", "--field", "company=E", "--field", field, code=2)


def test_a_name_with_control_characters_is_no_name(run):
    run("users", "create", "ann@example.test", "--no-password", "--name", "Ann\x1b[31m", code=1)


def test_bytes_that_are_no_utf8_are_wrong_usage(run):
    for words in (("create", "ann\udcff@example.test"), ("show", "ann\udcff"), ("list", "--query", "\0")):
        run("users", *words, code=2)


def test_everybody_is_listed_the_latest_first(run):
    for name in ("ann", "bob", "eve"):
        run("users", "create", f"{name}@example.test", "--no-password")
    assert [user["name"] for user in run.json("users", "list")] == ["eve", "bob", "ann"]
    lines = run("users", "list").stdout.splitlines()
    assert lines[0].split()[:2] == ["Key", "E-mail"]
    assert len(lines) == 4


def test_a_list_may_be_searched_and_cut(run):
    for name in ("ann", "bob", "eve"):
        run("users", "create", f"{name}@example.test", "--no-password")
    assert [user["name"] for user in run.json("users", "list", "--query", "BOB")] == ["bob"]
    cut = run("users", "list", "--limit", "2", "--json")
    assert "The first 2 are shown" in cut.stderr
    assert cut.stdout.count('"id"') == 2


def test_a_list_may_be_narrowed_to_a_state_and_a_role(run):
    run("roles", "create", "staff")
    run("users", "create", "ann@example.test", "--no-password", "--role", "staff")
    run("users", "create", "bob@example.test", "--no-password")
    run("users", "disable", "bob@example.test")
    assert [user["name"] for user in run.json("users", "list", "--state", "disabled")] == ["bob"]
    assert [user["name"] for user in run.json("users", "list", "--role", "staff")] == ["ann"]
    assert run("users", "list", "--role", "staff", "--state", "disabled").stdout.strip() == "Nobody."
    run("users", "list", "--state", "rich", code=2)


def test_a_list_longer_than_a_page_is_whole(run, app):
    with app.app_context(), app.accounts.house.write() as unit:
        unit.session.add_all(app.accounts.User(email=f"user{number}@example.test") for number in range(120))
    assert len({user["id"] for user in run.json("users", "list")}) == 120


def test_an_empty_list_says_so(run):
    assert "Nobody" in run("users", "list").stdout
    assert run.json("users", "list") == []


@pytest.mark.parametrize("command", ["show", "disable", "enable", "unlock", "delete", "set-password"])
def test_an_unknown_user_is_refused_in_plain_words(run, command):
    refused = run("users", command, "nobody@example.test", code=1)
    assert refused.stdout == ""
    assert "Nobody has the e-mail address or username nobody@example.test" in refused.stderr


@pytest.mark.parametrize("key", ["2", "-1", "x", "", str(10**30)])
def test_an_unknown_key_is_refused_in_plain_words(run, key):
    assert "no user with the key" in run("users", "show", "--id", "--", key, code=1).stderr


def test_a_user_may_be_named_by_address_username_or_key(run):
    run("users", "create", "ann@example.test", "--username", "Ann", "--no-password")
    for name in (("ANN@example.test",), ("ann",), ("1", "--id")):
        assert run.json("users", "show", *name)["email"] == "ann@example.test"


def test_nobody_gets_a_role_by_taking_another_users_key_as_a_name(run):
    for _ in range(12):
        run("users", "create", f"user{_}@example.test", "--no-password")
    run("users", "create", "eve@example.test", "--username", "12", "--no-password")
    run("roles", "grant", "12", "admin", "--id")
    assert run.json("users", "show", "eve@example.test")["roles"] == []
    assert run.json("users", "show", "user11@example.test")["roles"] == ["admin"]


def test_a_user_is_shown_with_what_an_operator_wants_to_know(run, app):
    registered(app, username="ann")
    shown = run("users", "show", "ann").stdout
    for part in ("ann@example.test", "has password        yes", "sessions            1", "locked              no"):
        assert part in shown


def test_disabling_ends_the_session_and_closes_the_door(run, app):
    browser = registered(app)
    run("users", "disable", "ann@example.test")
    assert browser.get("/account/api/sessions").status_code == 401
    assert log_in(app.test_client()).status_code == 401
    run("users", "disable", "ann@example.test")
    run("users", "enable", "ann@example.test")
    assert log_in(app.test_client()).status_code == 200


def test_unlocking_opens_every_lock(run, app):
    registered(app)
    for _ in range(6):
        log_in(app.test_client(), password="wrong password indeed")
    assert log_in(app.test_client()).status_code == 401
    shown = run.json("users", "show", "ann@example.test")
    assert shown["locked"] is True
    assert shown["locked_until"].endswith("Z")
    run("users", "unlock", "ann@example.test")
    assert run.json("users", "show", "ann@example.test")["locked"] is False
    assert log_in(app.test_client()).status_code == 200


def test_a_new_password_ends_all_sessions(run, app):
    browser, new = registered(app), "another good long passphrase"
    heard = []
    app.accounts.on(PasswordChanged, lambda event, session: heard.append(event.by))
    run("users", "set-password", "ann@example.test", input=f"{new}\n{new}\n")
    assert browser.get("/account/api/sessions").status_code == 401
    assert log_in(app.test_client()).status_code == 401
    assert log_in(app.test_client(), password=new).status_code == 200
    assert heard == ["operator"]


def test_a_weak_new_password_changes_nothing(run, app):
    browser = registered(app)
    run("users", "set-password", "ann@example.test", "--password-stdin", input="too short", code=1)
    assert browser.get("/account/api/sessions").status_code == 200


def test_deleting_asks_first(run, app):
    registered(app)
    run("users", "delete", "ann@example.test", input="n\n", code=1)
    assert len(run.json("users", "list")) == 1
    run("users", "delete", "ann@example.test", input="y\n")
    assert run.json("users", "list") == []


def test_a_deleted_users_session_is_dead_and_the_next_user_does_not_inherit_it(run, app):
    browser = registered(app)
    run("users", "delete", "ann@example.test", "--yes")
    run("users", "create", "eve@example.test", "--no-password")
    assert browser.get("/account/api/sessions").status_code == 401
    assert log_in(app.test_client()).status_code == 401


def test_the_app_can_clear_up_before_a_user_goes(run, app):
    seen = []
    app.accounts.on(
        UserDeleted, lambda event, session: seen.append(session.get(app.accounts.User, event.user_id).email)
    )
    registered(app)
    run("users", "delete", "ann@example.test", "--yes")
    assert seen == ["ann@example.test"]


@pytest.fixture
def app_with_posts(app_with, database_url) -> Flask:
    accounts = Housekey()

    class Post(accounts.Base):
        __tablename__ = "posts"
        id: Mapped[int] = mapped_column(primary_key=True)
        owner_id: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))

    app = app_with(accounts, database_url)
    app.Post = Post
    return app


def test_a_user_with_rows_of_the_app_is_not_deleted_by_halves(runner, app_with_posts):
    run = runner(app_with_posts)
    run("users", "create", "ann@example.test", "--password-stdin", input=PASSWORD)
    with app_with_posts.app_context(), app_with_posts.accounts.house.write() as unit:
        unit.session.add(app_with_posts.Post(owner_id=1))
    assert "disable the account instead" in run("users", "delete", "ann@example.test", "--yes", code=1).stderr
    assert log_in(app_with_posts.test_client()).status_code == 200


def flask_sqlalchemy_host():
    db = SQLAlchemy()

    class User(UserMixin, db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)

    return db, User


def lite_host():
    class Base(DeclarativeBase): ...

    class User(UserMixin, Base):
        __tablename__ = "user"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)

    return LiteSQLAlchemy(), User


@pytest.mark.parametrize("host", [flask_sqlalchemy_host, lite_host])
def test_users_of_a_hosts_own_database_are_looked_after(runner, database_url, host):
    db, user = host()
    app = Flask("host", instance_path=tempfile.gettempdir())
    app.config.update(QUICK, SECRET_KEY="0123456789abcdef" * 4)
    app.config.update(SQLALCHEMY_DATABASE_URI=database_url, SQLALCHEMY_ENGINES={"default": database_url})
    db.init_app(app)
    Housekey(app, db, user_model=user)
    with app.app_context():
        user.metadata.create_all(db.engine)
    run = runner(app)
    run("users", "create", "ann@example.test", "--role", "admin", "--password-stdin", input=PASSWORD)
    browser = app.test_client()
    log_in(browser)
    [ann] = run.json("users", "list")
    assert run.json("users", "show", "--id", ann["id"])["roles"] == ["admin"]
    assert len(run.json("sessions", "list", "--user", ann["id"], "--id")) == 1
    run("users", "disable", "--id", ann["id"])
    assert browser.get("/account/api/sessions").status_code == 401
    run("users", "delete", "--id", ann["id"], "--yes")
    assert run.json("users", "list") == []


def test_a_role_that_is_not_there_is_told_beside_the_empty_list(run):
    told = run("users", "list", "--role", "admn", "--json")
    assert (told.stdout, told.stderr) == ("[]\n", "There is no role admn. `flask housekey roles list` shows all.\n")
    assert run("users", "list", "--role", "admin").stderr == ""
