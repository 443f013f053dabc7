"""`HOUSEKEY_SESSIONS_LIMIT`: how many places one may be logged in at."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attacks.faces import FACES, session_ids, who
from housekey.kernel import clock
from housekey.login.events import SessionEnded
from rig.apps import small_app
from rig.people import heard


@pytest.fixture
def app():
    return small_app(HOUSEKEY_SESSIONS_LIMIT=2)


@pytest.mark.asvs("7.1.2")
@pytest.mark.parametrize("face", FACES, ids=str)
def test_one_login_too_many_ends_the_session_that_was_not_used_for_longest(app, face):
    ended = heard(app, SessionEnded)
    with clock.stopped() as time:
        laptop = face.registered(app)
        time.forward(timedelta(minutes=5))
        phone = face.logged_in(app)
        time.forward(timedelta(minutes=5))
        assert who(laptop) == "ann"
        time.forward(timedelta(minutes=5))
        tablet = face.logged_in(app)
        assert [who(browser) for browser in (laptop, phone, tablet)] == ["ann", None, "ann"]
        assert len(session_ids(tablet)) == 2
    assert [event.why for event in ended] == ["limit"]


@pytest.mark.asvs("7.1.2")
@pytest.mark.parametrize("face", FACES, ids=str)
def test_the_sessions_of_others_dont_count(app, face):
    bob = face.registered(app, "bob@example.test")
    browsers = [face.registered(app), face.logged_in(app)]
    assert who(bob) == "bob"
    assert [who(browser) for browser in browsers] == ["ann", "ann"]


@pytest.mark.parametrize("face", FACES, ids=str)
def test_a_place_that_was_left_is_free_again(app, face):
    laptop, phone = face.registered(app), face.logged_in(app)
    assert face.log_out(phone).done
    assert face.log_in(phone).done
    assert [who(laptop), who(phone)] == ["ann", "ann"]
