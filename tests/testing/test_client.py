"""HousekeyClient: a browser that logs in without a form, by the road of every login."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey import Capability, current_identity
from housekey.errors import HostTransactionOpen, InvalidCredentials
from housekey.login import Challenge, Kind
from housekey.login.events import LoggedIn
from housekey.testing import PASSWORD, HousekeyClient, configure
from rig.apps import small_app


class PinAsked:
    """Whoever is called Ann has a PIN."""

    name = "pin"

    def check(self, house, attempt):
        proved = any(proof.method == "pin" for proof in attempt.proofs)
        return None if proved or attempt.user.name != "Ann" else Challenge("pin", "pin")


@pytest.fixture
def app():
    app = configure(small_app(capabilities=[Capability(name="pin", requirement=PinAsked())]))
    app.add_url_rule(
        "/me",
        "me",
        lambda: {"name": current_identity.name, "amr": current_identity.amr, "aal": current_identity.aal,
                 "fresh": current_identity.is_fresh()} if current_identity else {},
    )  # fmt: skip
    return app


@pytest.fixture
def bob(housekey_user):
    return housekey_user(name="Bob")


def test_it_opens_a_real_session_and_ends_it(app, bob):
    heard, browser = [], app.test_client()
    app.accounts.on(LoggedIn, lambda event, session: heard.append(event.methods))
    browser.login(bob)
    assert heard == [("pwd",)]
    assert browser.get("/me").json == {"name": "Bob", "amr": ["pwd"], "aal": 1, "fresh": True}
    listed = browser.get("/account/api/sessions").json["sessions"]
    assert [session["current"] for session in listed] == [True]
    browser.logout()
    assert browser.get("/me").json == {}
    assert app.test_client().get("/me").json == {}


def test_it_takes_a_key_for_a_user(app, bob):
    browser = app.test_client()
    browser.login(bob.id)
    assert browser.get("/me").json["name"] == "Bob"


def test_whoever_was_logged_in_before_is_out(app, bob, housekey_user):
    browser = app.test_client()
    browser.login(bob)
    browser.login(housekey_user(name="Eve"))
    assert browser.get("/me").json["name"] == "Eve"
    assert len(browser.get("/account/api/sessions").json["sessions"]) == 1


def test_a_login_may_begin_stale(app, bob):
    browser = app.test_client()
    browser.login(bob, fresh=False)
    assert browser.get("/me").json["fresh"] is False


@pytest.mark.parametrize(
    ("methods", "aal"),
    [(("pwd",), 1), (("pwd", "otp"), 2), ({"badge": Kind.VERIFIED}, 2), (("otp",), 1), (("pwd", "pin"), 1)],
)
def test_the_test_says_what_was_proved(app, bob, methods, aal):
    browser = app.test_client()
    browser.login(bob, methods=methods)
    assert browser.get("/me").json["amr"] == [*methods, *(["mfa"] if aal == 2 else [])]
    assert browser.get("/me").json["aal"] == aal


def test_a_remembered_session_outlives_the_browser(app, bob, housekey_clock):
    browser = app.test_client()
    browser.login(bob, remember=True)
    housekey_clock.forward(timedelta(days=13))
    assert browser.get("/me").json["name"] == "Bob"
    assert browser.get_cookie(app.extensions["housekey"].cookies.session).max_age == 30 * 24 * 3600


def test_no_requirement_is_passed_by(app, housekey_user):
    browser, ann = app.test_client(), housekey_user(name="Ann")
    with pytest.raises(AssertionError, match="More is asked: pin"):
        browser.login(ann)
    assert browser.get("/me").json == {}
    browser.login(ann, methods=("pwd", "pin"))
    assert browser.get("/me").json["name"] == "Ann"


def test_nobody_logs_in_who_is_disabled_or_isnt_there(app, housekey_user):
    for nobody in (housekey_user(disabled=True), 77, None):
        with pytest.raises(InvalidCredentials):
            app.test_client().login(nobody)


def test_uncommitted_work_of_the_test_is_told(app, bob):
    with app.app_context():
        session = app.accounts.session
        session.execute(sa.update(app.accounts.User).values(name="Bobby"))
        with pytest.raises(HostTransactionOpen):
            app.test_client().login(bob)


def test_forms_are_sent_as_a_browser_of_the_site_sends_them(app, bob):
    browser = app.test_client()
    form = {"identifier": bob.email, "password": PASSWORD}
    assert browser.post("/account/login", data=form).status_code == 303
    assert browser.get("/me").json["name"] == "Bob"
    answer = browser.post("/account/logout", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_it_is_asked_for_as_flask_logins_client_is(app, bob):
    assert app.test_client(user=bob).get("/me").json["fresh"] is True
    assert app.test_client(user=bob, fresh_login=False).get("/me").json["fresh"] is False
    assert app.test_client().get("/me").json == {}


def test_two_browsers_know_nothing_of_each_other(app, bob, housekey_client):
    assert isinstance(housekey_client, HousekeyClient)
    app.test_client().login(bob)
    assert housekey_client.get("/me").json == {}
    housekey_client.login(bob)
    assert housekey_client.get("/me").json["name"] == "Bob"


def test_it_works_within_contexts_that_the_test_holds(app, bob):
    with app.app_context(), app.test_client() as browser:
        browser.login(bob)
        assert browser.get("/me").json["name"] == "Bob"
        browser.logout()
        assert browser.get("/me").json == {}
