"""A wall of refused logins is mailed to the owner of the account, once a day."""

from __future__ import annotations

from datetime import timedelta

import pytest

from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from rig.apps import log_in, registered, small_app
from rig.mails import outbox
from rig.threads import together

BUSY = 503
ANN, SUBJECT = "ann@example.test", "Many refused logins to your account at small"


@pytest.fixture
def app():
    return small_app(HOUSEKEY_NOTICES_REFUSALS=8)


@pytest.fixture
def every_app(database_url):
    return small_app(database_url, HOUSEKEY_NOTICES_REFUSALS=8)


def guess(app, times, who=ANN):
    for _ in range(times):
        while (status := log_in(app.test_client(), who, "not the right one").status_code) == BUSY:
            pass  # the hash pool was full for a second, which counts for nothing
        assert status == 401


def told(app):
    return [mail for mail in Mailbox(app).to(ANN) if mail.subject == SUBJECT]


def test_the_owner_is_told_of_a_wall_once(app):
    registered(app)
    guess(app, 7)
    assert told(app) == []
    guess(app, 1)
    assert "None of them got in" in told(app)[0].text
    assert "/account/undo" not in told(app)[0].text, "nothing was changed"
    guess(app, 12)
    assert len(told(app)) == 1


def test_and_once_more_the_next_day(app):
    with clock.stopped() as time:
        registered(app)
        for expected in (1, 2):
            guess(app, 10)
            assert len(told(app)) == expected
            time.forward(timedelta(hours=25))


def test_a_few_failures_a_day_are_no_wall(app):
    with clock.stopped() as time:
        registered(app)
        for _ in range(4):
            guess(app, 4)
            time.forward(timedelta(hours=25))
        assert told(app) == []


def test_own_logins_are_no_wall(app):
    registered(app)
    for _ in range(10):
        assert log_in(app.test_client()).status_code == 200
    assert told(app) == []


@pytest.mark.flaw(11)
def test_a_name_that_nobody_bears_takes_the_same_work(app):
    guess(app, 10, "nobody@example.test")
    walls = [row for row in outbox(app) if row["purpose"] == "refused"]
    assert [(row["state"], row["recipient"]) for row in walls] == [("decoy", "")]
    assert len(Mailbox(app)) == 0


def test_parallel_refusals_are_told_once(every_app):
    registered(every_app)
    together(6, lambda n: guess(every_app, 3))
    assert len(told(every_app)) == 1
