"""When its time has come an account is erased for good; what stands in the way is told, and leaves no half of one."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey.capabilities.leaving.events import ErasingFailed
from housekey.capabilities.registration.events import UserDeleted
from housekey.kernel import clock
from housekey.kernel.circumstances import Circumstances
from housekey.store.sweeping import Broom
from housekey.testing.mailbox import Mailbox
from rig.apps import log_in, registered, small_app
from rig.leaving import WEEK, facts, sweep_after
from rig.mailed import operator
from rig.mails import house_of
from rig.people import heard, id_of

ANN = "ann@example.test"
CLOSE = "/account/api/close"


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def closed(app):
    """The key of a user whose account is being closed."""
    registered(app).post(CLOSE)
    return id_of(app)


@pytest.fixture
def with_notes(tmp_path):
    """An app whose own notes refer to the user, with the notes' table; nobody has said what becomes of them."""
    app = small_app(f"sqlite:///{tmp_path / 'notes.sqlite'}", own_models=True)

    class Note(app.accounts.Base):
        __tablename__ = "notes"
        id = sa.Column(sa.Integer, primary_key=True)
        user_id = sa.Column(sa.ForeignKey(app.accounts.User.id), nullable=True)
        text = sa.Column(sa.String(50))

    app.note = Note
    registered(app).post(CLOSE)
    with app.app_context():
        house = house_of(app)
        user_id = id_of(app)
        house.run(lambda unit: unit.session.add(Note(text="mine", user_id=user_id)))
    return app


def notes(app):
    with app.app_context(), house_of(app).read() as connection:
        return [tuple(row) for row in connection.execute(sa.select(app.note.user_id, app.note.text))]


def test_after_a_backup_was_put_back_nobody_is_erased_who_may_have_stayed(app, closed):
    """The backup knows of the closing, and not that the account was kept."""
    with clock.stopped(clock.now() + 3 * WEEK):
        assert "1 closings (put off)" in operator(app, "db", "restored", "--yes").output
        assert "closed accounts" not in operator(app, "sweep").output
        sweep_after(app, WEEK)
    assert facts(app, closed) is None


@pytest.mark.asvs("7.4.2")
def test_the_sweep_erases_a_closed_account_and_the_last_mail_says_so(app, closed):
    before = len(Mailbox(app))
    assert sweep_after(app)["closed accounts"] == 1
    assert facts(app, closed) is None
    assert log_in(app.test_client()).status_code == 401
    assert len(Mailbox(app)) == before  # the letter on its way is gone with the account; one came in its place
    mail = Mailbox(app).last(to=ANN)
    assert mail.subject == "Your account at small is closed"
    assert "This is the last mail about it." in mail.text
    assert "This is the last mail about it." in mail.html


def test_nothing_is_erased_a_minute_too_early(app, closed):
    sweep_after(app, WEEK - timedelta(minutes=1))
    assert facts(app, closed) is not None


def test_a_busy_process_erases_what_is_due_in_nobodys_name(app, closed):
    """The request at whose end it happens is somebody else's."""
    house, seen = house_of(app), []
    house.events.on(UserDeleted, lambda event, session: seen.append(house.circumstances()))
    with clock.stopped(clock.now() + WEEK), app.test_request_context():
        broom = Broom()
        broom._next = 0
        broom.now_and_then(house)
    assert facts(app, closed) is None
    assert seen == [Circumstances()]


def test_the_command_says_how_many_accounts_it_has_erased(app, closed):
    with clock.stopped(clock.now() + WEEK):
        assert "1 closed accounts" in operator(app, "sweep").output


def test_a_new_account_with_the_same_address_knows_nothing_of_the_old_one(app, closed):
    sweep_after(app)
    again = registered(app, password="something else entirely")
    assert again.get(CLOSE).json["closing_at"] is None
    assert [entry["event"] for entry in again.get("/account/api/history").json["entries"]][-1] == "UserRegistered"


def test_rows_of_the_host_that_nobody_cares_for_shut_the_account_and_keep_it_whole(with_notes, caplog):
    app, failed, user_id = with_notes, heard(with_notes, ErasingFailed), id_of(with_notes)
    with caplog.at_level(logging.ERROR, "housekey"):
        assert sweep_after(app)["closed accounts"] == 0
    user = facts(app, user_id)
    assert user.disabled_at is not None
    assert user.erasing_failed_at is not None
    assert [(event.user_id, event.error) for event in failed] == [(user_id, "IntegrityError")]
    assert "could not be erased (FOREIGN KEY constraint failed)" in caplog.text
    assert ANN not in caplog.text
    assert notes(app) == [(user_id, "mine")]
    assert log_in(app.test_client()).status_code == 401


def test_the_operator_finds_an_account_that_could_not_be_erased(with_notes):
    app = with_notes
    sweep_after(app)
    assert f"could not be erased, and are shut: {id_of(app)}." in operator(app, "doctor").output
    told = operator(app, "explain-login", ANN)
    assert "Erasing it has failed since" in told.output
    assert told.exit_code == 1
    found = operator(app, "audit", "list", "--json").output
    assert "ErasingFailed" in found


def test_it_is_tried_again_each_day_and_not_more_often(with_notes):
    app, failed = with_notes, heard(with_notes, ErasingFailed)
    sweep_after(app)
    first = facts(app, id_of(app)).erasing_failed_at
    sweep_after(app, WEEK + timedelta(hours=23))
    assert len(failed) == 1
    sweep_after(app, WEEK + timedelta(hours=25))
    assert len(failed) == 2
    assert facts(app, id_of(app)).erasing_failed_at == first


def test_once_a_listener_removes_the_rows_the_account_goes(with_notes):
    app, user_id = with_notes, id_of(with_notes)
    sweep_after(app)

    @app.accounts.on(UserDeleted)
    def remove_notes(event, session):
        session.execute(sa.delete(app.note).where(app.note.user_id == event.user_id))

    assert sweep_after(app, 2 * WEEK)["closed accounts"] == 1
    assert facts(app, user_id) is None
    assert notes(app) == []
    assert "could not be erased" not in operator(app, "doctor").output


def test_a_listener_may_hand_rows_on_instead(with_notes):
    app = with_notes

    @app.accounts.on(UserDeleted)
    def hand_on(event, session):
        session.execute(sa.update(app.note).where(app.note.user_id == event.user_id).values(user_id=None))

    sweep_after(app)
    assert notes(app) == [(None, "mine")]


def test_an_error_in_a_listener_leaves_nothing_half_erased(with_notes):
    app, user_id = with_notes, id_of(with_notes)

    @app.accounts.on(UserDeleted)
    def stumble(event, session):
        session.execute(sa.delete(app.note))
        raise LookupError("the archive doesn't answer")

    failed = heard(app, ErasingFailed)
    sweep_after(app)
    assert [event.error for event in failed] == ["LookupError"]
    assert facts(app, user_id).disabled_at is not None
    assert notes(app) == [(user_id, "mine")]
    assert "Your account at small is closed" not in [mail.subject for mail in Mailbox(app).messages]


def test_one_account_that_cannot_go_holds_up_no_other(with_notes):
    app = with_notes
    registered(app, "bob@example.test").post(CLOSE)
    bob = id_of(app, "bob@example.test")
    assert sweep_after(app, WEEK + timedelta(minutes=1))["closed accounts"] == 1
    assert facts(app, bob) is None


def test_the_account_that_could_not_go_can_be_kept_and_opened_again(with_notes):
    app = with_notes
    sweep_after(app)
    assert operator(app, "users", "keep", ANN).exit_code == 0
    assert operator(app, "users", "enable", ANN).exit_code == 0
    assert log_in(app.test_client()).status_code == 200
    assert sweep_after(app, 3 * WEEK)["closed accounts"] == 0
