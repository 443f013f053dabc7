"""Counts of users don't grow forever, and sweeping them gives nobody a guess more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from housekey.kernel import clock
from housekey.store.sweeping import sweep
from rig.apps import log_in, registered, small_app
from rig.people import house_of

DAY = timedelta(days=1)


def guess(app, time, times):
    """That many wrong passwords of a stranger, slowly enough that locks end in between."""
    stranger = app.test_client()
    for _ in range(times):
        assert log_in(stranger, password="wrong").status_code == 401
        time.forward(DAY)


@pytest.fixture(autouse=True)
def time():
    with clock.stopped() as stopped:
        yield stopped


def failures_in_row(app):
    house = house_of(app)
    with house.read() as connection:
        return [row.in_row for row in connection.execute(house.store.tables["counters"].select())]


def swept(app):
    return sweep(house_of(app))["counters"]


def test_a_count_that_nobody_has_touched_for_400_days_goes(database_url, time):
    app = small_app(database_url)
    registered(app)
    guess(app, time, 3)
    time.forward(398 * DAY)
    assert (swept(app), failures_in_row(app)) == (0, [3])
    time.forward(2 * DAY)
    assert (swept(app), failures_in_row(app)) == (1, [])


@pytest.mark.parametrize(("failed", "gone"), [(49, 1), (50, 0), (100, 0)])
def test_half_the_way_to_closing_is_never_forgotten(failed, gone, time):
    app = small_app()
    registered(app)
    guess(app, time, failed)
    time.forward(4000 * DAY)
    assert swept(app) == gone
    assert (log_in(app.test_client()).status_code == 401) == (failed == 100)


def test_a_closed_account_stays_closed_where_closing_comes_early(time):
    app = small_app(HOUSEKEY_THROTTLING_CLOSE_AFTER=1)
    registered(app)
    guess(app, time, 1)
    time.forward(4000 * DAY)
    assert swept(app) == 0
    assert log_in(app.test_client()).status_code == 401


def test_a_lock_that_holds_stays_however_long_it_is(time):
    long = 900 * DAY
    app = small_app(
        HOUSEKEY_THROTTLING_LOCK_FOR=long.total_seconds(), HOUSEKEY_THROTTLING_LOCK_AT_MOST=long.total_seconds()
    )
    registered(app)
    guess(app, time, 5)
    time.forward(890 * DAY)
    assert swept(app) == 0
    assert log_in(app.test_client()).status_code == 401
    time.forward(10 * DAY)
    assert swept(app) == 1


def test_a_busy_process_judges_by_the_same_rule(time):
    app = small_app()
    registered(app)
    guess(app, time, 60)
    time.forward(4000 * DAY)
    house = house_of(app)
    house.store.broom._sweep_a_little(house)
    assert failures_in_row(app) == [60]
