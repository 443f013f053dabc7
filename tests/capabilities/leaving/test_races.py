"""Leaving at the very moment of something else, on every database."""

from __future__ import annotations

import pytest

from attacks.faces import session_ids
from housekey.capabilities.leaving import actions, erasing
from housekey.capabilities.leaving.events import ClosingBegun
from housekey.errors import NotLoggedIn
from housekey.kernel import clock
from rig.apps import log_in, registered, small_app
from rig.everything import left_of
from rig.leaving import WEEK, facts
from rig.people import administrator, heard, house_of, id_of

ANN = "ann@example.test"
CLOSE = "/account/api/close"


@pytest.fixture
def app(database_url):
    return small_app(database_url)


@pytest.mark.asvs("15.4.2", "2.3.4")
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_of_keeping_and_erasing_in_the_same_moment_exactly_one_wins(app, together, turn):
    registered(app).post(CLOSE)
    house, user_id = house_of(app), id_of(app)

    def act(number):
        with app.app_context():
            return actions.keep(house, user_id) if number else erasing.erase(house, user_id)

    with clock.stopped(clock.now() + WEEK):
        erased, kept = together(2, act, refusals=(NotLoggedIn,))
    user = facts(app, user_id)
    if erased:
        assert isinstance(kept, NotLoggedIn)
        assert user is None
    else:
        assert kept is None
        assert user is not None
        assert user.closing_at is None


@pytest.mark.asvs("15.4.2")
def test_two_sweeps_in_the_same_moment_erase_once_and_neither_fails(app, together):
    registered(app).post(CLOSE)
    house, user_id = house_of(app), id_of(app)

    def act(number):
        with app.app_context():
            return erasing.erase(house, user_id)

    with clock.stopped(clock.now() + WEEK):
        assert together(2, act) == [True, True]
    with app.app_context(), house.read() as connection:
        goodbyes = connection.execute(house.store.tables["outbox"].select()).all()
    assert len(goodbyes) == 1


@pytest.mark.flaw(56)
@pytest.mark.asvs("15.4.2", "7.4.2")
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_login_in_the_moment_of_erasing_leaves_no_session_and_no_error(app, together, turn):
    registered(app).post(CLOSE)
    house, user_id = house_of(app), id_of(app)
    browser = app.test_client()

    def act(number):
        if number:
            return log_in(browser).status_code
        with app.app_context():
            house.run(lambda unit: unit.execute(due(unit)))
            return erasing.erase(house, user_id)

    erased, status = together(2, act)
    assert erased is True
    assert status in (200, 401)
    assert browser.get("/private").status_code == 302
    assert left_of(app, [ANN]) <= {"outbox"}


def due(unit):
    """Its time has come, by the clock that the login has, too."""
    return unit.tables["accounts"].update().values(closing_at=clock.now())


def test_two_wishes_in_the_same_moment_are_one(app, together):
    ann, begun = registered(app), heard(app, ClosingBegun)
    user_id = id_of(app)
    house = house_of(app)

    def act(number):
        with app.app_context():
            return actions.close(house, user_id, None)

    assert together(2, act) == [False, False]
    assert len(begun) == 1
    assert ann.get("/private").status_code == 302


@pytest.mark.flaw(4, 56)
@pytest.mark.asvs("15.4.2")
def test_a_session_that_is_ended_meanwhile_closes_no_account(app):
    """The thief's request was let in, and gets its turn after the owner has ended the session."""
    ann, thief = registered(app), app.test_client()
    log_in(thief)
    stolen = session_ids(thief)[0]
    assert ann.delete("/account/api/sessions").status_code == 204
    with app.app_context(), pytest.raises(NotLoggedIn):
        actions.close(house_of(app), id_of(app), stolen)
    assert ann.get("/account/api/close").json["closing_at"] is None


def test_of_two_administrators_who_close_their_accounts_in_the_same_moment_one_stays(app, together):
    people = [administrator(app), administrator(app, "other@example.test")]
    answers = together(2, lambda number: people[number].post(CLOSE))
    assert sorted(answer.status_code for answer in answers) == [202, 403]
