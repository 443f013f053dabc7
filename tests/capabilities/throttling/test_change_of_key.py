"""A new SECRET_KEY opens no lock, and with the old one among its fallbacks it empties no window."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey.kernel import clock
from rig.apps import log_in, registered, small_app
from rig.people import house_of

OLD, NEW = "the key that was used until today, and is long", "the key that is used from now on, as long"


@pytest.fixture
def make(database_url):
    """An app on the same database, with this key and these fallbacks."""

    def made(key, *fallbacks, **settings):
        app = small_app(database_url, SECRET_KEY_FALLBACKS=list(fallbacks), **settings)
        app.secret_key = key
        return app

    return made


def guess(app, times, status=401):
    for number in range(times):
        assert log_in(app.test_client(), password=f"wrong {number}").status_code == status


def rows(app, noun):
    house = house_of(app)
    with house.read() as connection:
        return connection.execute(house.store.tables[noun].select()).all()


def of_networks(app):
    """The windows that count tries; those of notices, which last for a day, count mails."""
    return [row for row in rows(app, "windows") if row.expires_at - clock.now() < timedelta(hours=1)]


@pytest.mark.parametrize("fallbacks", [[OLD], []])
def test_a_lock_outlives_a_change_of_the_key(make, fallbacks):
    before = make(OLD)
    registered(before)
    guess(before, 4)
    after = make(NEW, *fallbacks)
    guess(after, 1)
    assert log_in(after.test_client()).status_code == 401
    assert [row.failures for row in rows(after, "counters")] == [5]


def test_a_success_clears_what_was_counted_under_the_old_key(make):
    before = make(OLD)
    registered(before)
    guess(before, 2)
    after = make(NEW)
    assert log_in(after.test_client()).status_code == 200
    assert rows(after, "counters") == []


def test_a_networks_window_goes_on_under_the_new_key(make):
    limited = {"HOUSEKEY_THROTTLING_NETWORK_TRIES": 6}
    with clock.stopped() as time:
        guess(make(OLD, **limited), 4)
        time.forward(timedelta(minutes=1))
        after = make(NEW, OLD, **limited)
        guess(after, 2)
        guess(after, 1, status=429)
        time.forward(timedelta(minutes=9, seconds=1))
        guess(after, 4)
        guess(after, 1, status=429)
        assert len(of_networks(after)) == 1


def test_what_an_old_and_a_new_process_count_side_by_side_is_added_up(make):
    limited = {"HOUSEKEY_THROTTLING_NETWORK_TRIES": 6}
    old, new = make(OLD, **limited), make(NEW, OLD, **limited)
    guess(new, 2)
    guess(old, 3)
    guess(new, 1)
    guess(new, 1, status=429)
    assert [len(row.entries) for row in of_networks(new)] == [6]


def test_parallel_guesses_right_after_the_change_do_not_race_past_the_window(make, together):
    limited = {"HOUSEKEY_THROTTLING_NETWORK_TRIES": 6}
    guess(make(OLD, **limited), 3)
    after = make(NEW, OLD, **limited)
    statuses = together(12, lambda number: log_in(after.test_client(), f"user{number}", "wrong").status_code)
    assert set(statuses) <= {401, 429}
    assert statuses.count(429) == 9


def test_a_login_costs_no_statement_more_with_fallbacks(make):
    """Both find a row by one read: the second round has nothing to move any more."""
    counts = []
    for app in (make(NEW), make(NEW, OLD)):
        if not counts:
            registered(app)
        guess(app, 1)
        counts.append(len(statements_of(app, lambda app=app: guess(app, 1))))
    assert counts[0] == counts[1]


def statements_of(app, act):
    heard = []

    def hear(*about):
        heard.append(about[2])

    with app.app_context():
        engine = house_of(app).store.engine
    sa.event.listen(engine, "before_cursor_execute", hear)
    try:
        act()
    finally:
        sa.event.remove(engine, "before_cursor_execute", hear)
    return heard
