"""The clock knows its zone, also where a test has stopped it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from housekey.kernel import clock


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"), clock.stopped(datetime(2026, 1, 1)):
        pass


def test_a_stopped_clock_tells_utc_and_goes_on_afterwards():
    noon = datetime(2026, 1, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    with clock.stopped(noon) as stopped:
        assert clock.now() == datetime(2026, 1, 1, 10, tzinfo=UTC)
        stopped.forward(timedelta(minutes=1))
        assert clock.now().minute == 1
    assert clock.now() > datetime(2026, 1, 2, tzinfo=UTC)
