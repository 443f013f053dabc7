"""`HOUSEKEY_SESSIONS_IDLE`: how long a session may rest, also where that is shorter than a minute."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attacks.faces import FACES, who
from housekey.kernel import clock
from rig.apps import PASSWORD, registered, small_app
from rig.phones import answer, logged_in_with, with_phone

SHORT = timedelta(seconds=40)


@pytest.mark.asvs("7.3.1")
@pytest.mark.parametrize("face", FACES, ids=str)
def test_a_session_that_is_used_does_not_end_between_two_notes_of_its_use(face):
    app = small_app(HOUSEKEY_SESSIONS_IDLE=SHORT)
    with clock.stopped() as time:
        browser = face.registered(app)
        for _ in range(8):
            time.forward(SHORT / 2)
            assert who(browser) == "ann"
        time.forward(SHORT)
        assert who(browser) is None


def test_two_steps_count_for_as_long_as_the_session_is_used():
    app = small_app(HOUSEKEY_SESSIONS_AAL2_IDLE=SHORT)
    phone = with_phone(registered(app))
    with clock.stopped() as time:
        browser = logged_in_with(app, phone)
        for _ in range(8):
            time.forward(SHORT / 2)
            assert level(browser) == 2
        time.forward(SHORT + timedelta(seconds=1))
        assert level(browser) == 1


def level(browser):
    return browser.get("/account/api/me").json["aal"]


def test_a_session_that_has_rested_too_long_is_not_brought_back_by_a_step_that_waited():
    app = small_app(HOUSEKEY_SESSIONS_IDLE=SHORT)
    with clock.stopped() as time:
        browser = registered(app)
        phone = with_phone(browser)
        assert browser.post("/account/api/reauthenticate", json={"password": PASSWORD}).status_code == 202
        time.forward(SHORT)
        assert answer(browser, phone.code(1)).status_code == 401
        assert who(browser) is None
