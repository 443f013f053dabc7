"""What must not happen at the second step in the same moment (flaws 32, 56 and 59), with real factors on every
database: of two right answers to one login one gets in, and whatever ends the login meanwhile leaves no session."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from attacks.faces import ANN, NEW_PASSWORD, disable, who
from attacks.test_races import Meanwhile
from housekey.capabilities.factors import actions as factors
from housekey.capability import Capability
from housekey.kernel import clock
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.authenticators import Authenticator, added, answer_with
from rig.people import house_of, id_of
from rig.phones import answer, begun, confirm
from rig.threads import together

API = "/account/api/"


class Owner:
    """Ann, with a phone, recovery codes and a key, who has just logged in in a browser of her own."""

    def __init__(self, app):
        self.app, self.browser, self.key = app, registered(app), Authenticator()
        self.phone = begun(self.browser)
        self.codes = confirm(self.browser, self.phone, self.phone.code(-1)).json["recovery_codes"]
        assert log_in(self.browser).status_code == 202
        assert self.shows(self.browser, "otp") == 200
        added(self.browser, self.key)

    def half_in(self, browsers=1):
        """So many browsers that hold one and the same login, which waits for the second step."""
        first, cookie = self.app.test_client(), self.app.extensions["housekey"].cookies.attempt
        assert log_in(first).status_code == 202
        others = [self.app.test_client() for _ in range(browsers - 1)]
        for other in others:
            other.set_cookie(cookie, first.get_cookie(cookie).value)
        return [first, *others]

    def shows(self, browser, method):
        """The right answer, in one of three ways."""
        if method == "passkey":
            return answer_with(browser, self.key).status_code
        return answer(browser, self.phone.code() if method == "otp" else self.codes[0], method).status_code

    def sessions(self):
        house = house_of(self.app)
        table = house.store.tables["sessions"]
        with house.read() as connection:
            return connection.execute(sa.select(table).where(table.c.ended_at.is_(None))).all()


@pytest.fixture
def owner(data_app):
    with clock.stopped() as time:
        made = Owner(data_app)
        time.forward(timedelta(seconds=30))  # the app shows a new code
        yield made


@pytest.mark.flaw(32, 59)
@pytest.mark.asvs("2.3.4", "15.4.2")
def test_of_two_right_answers_to_one_login_by_different_factors_one_gets_in(owner):
    before = len(owner.sessions())
    both = owner.half_in(2)
    statuses = together(2, lambda n: owner.shows(both[n], ("otp", "recovery_code")[n]))
    assert sorted(statuses) in ([200, 401], [200, 503])
    assert [who(browser) is not None for browser in both] == [status == 200 for status in statuses]
    assert len(owner.sessions()) == before + 1


@pytest.mark.flaw(56)
@pytest.mark.asvs("7.4.3", "15.4.2")
@pytest.mark.parametrize("method", ["otp", "recovery_code"])
def test_an_answer_in_the_moment_in_which_the_password_changes_leaves_no_session(owner, method):
    (thief,) = owner.half_in()
    change = {"current": PASSWORD, "new": NEW_PASSWORD}

    def act(number):
        if number:
            return owner.shows(thief, method)
        return owner.browser.post(API + "password/change", json=change).status_code

    changed, answered = together(2, act)
    assert (changed, answered in (200, 401, 503)) == (204, True)
    assert who(thief) is None
    assert who(owner.browser) == "ann"
    assert len(owner.sessions()) == 1


@pytest.mark.flaw(56)
@pytest.mark.asvs("7.4.2", "15.4.2")
@pytest.mark.parametrize("end", ["disabled", "factors reset"])
def test_an_answer_in_the_moment_in_which_those_who_run_the_site_end_it_leaves_no_session(data_app, owner, end):
    (browser,) = owner.half_in()

    def reset():
        user_id = id_of(data_app)
        house_of(data_app).run(lambda unit: factors.reset(unit, user_id, by="operator"))

    def act(number):
        if number:
            return owner.shows(browser, "otp")
        return disable(data_app, ANN) if end == "disabled" else reset()

    _, answered = together(2, act)
    assert answered in (200, 401)
    assert who(browser) is None
    assert owner.sessions() == []


@pytest.mark.flaw(56)
@pytest.mark.asvs("7.4.3", "15.4.2")
@pytest.mark.parametrize("method", ["passkey", "otp", "recovery_code"])
def test_no_session_opens_for_an_answer_that_was_right_before_the_password_changed(database_url, method):
    """The same, in the very moment between the proof and the session."""
    meanwhile = Meanwhile()
    app = small_app(database_url, capabilities=[Capability(name="meanwhile", requirement=meanwhile)])
    with clock.stopped() as time:
        owner = Owner(app)
        time.forward(timedelta(seconds=30))
        (thief,) = owner.half_in()
        change = {"current": PASSWORD, "new": NEW_PASSWORD}
        changed = []
        meanwhile.act = lambda: changed.append(owner.browser.post(API + "password/change", json=change).status_code)
        assert owner.shows(thief, method) == 401
        assert changed == [204]
        assert who(thief) is None
        assert len(owner.sessions()) == 1


@pytest.mark.flaw(33, 59)
def test_an_answer_in_the_moment_of_starting_over_opens_one_session_or_none(owner):
    before = len(owner.sessions())
    first, copy = owner.half_in(2)

    def act(number):
        return owner.shows(copy, "otp") if number else first.delete(API + "login/challenge").status_code

    started_over, answered = together(2, act)
    assert (started_over, answered in (200, 401)) == (204, True)
    assert who(first) is None
    assert (who(copy) is not None) == (answered == 200)
    assert len(owner.sessions()) == before + (answered == 200)
    assert owner.shows(first, "recovery_code") == 401
