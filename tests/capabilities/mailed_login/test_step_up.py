"""Who has no password proves again by a mailed code, in the very session."""

from __future__ import annotations

from datetime import timedelta

import pytest

from housekey.kernel import clock
from housekey.testing import make_user
from housekey.testing.mailbox import Mailbox
from rig.apps import registered, small_app
from rig.mailed import OURS, code_in, token_in

BOB = "bob@example.test"


@pytest.fixture
def app():
    app = small_app(HOUSEKEY_MAILED_LOGIN_OPEN=True)
    make_user(app, email=BOB, password=None)
    return app


def by_mail(app):
    """A browser in which Bob, who has no password, is logged in."""
    browser = app.test_client()
    browser.post("/account/api/login/mail", json={"email": BOB})
    token = {"token": token_in(app, BOB)}
    assert browser.post("/account/api/login/mail/confirm", json=token).status_code == 200
    return browser


def send(client):
    return client.post("/account/api/reauthenticate/mail/send")


def confirm(client, code):
    return client.post("/account/api/reauthenticate/mail", json={"code": code})


def is_fresh(client):
    return client.delete("/account/api/sessions").status_code == 204


def test_a_mailed_code_makes_the_session_fresh_under_a_new_token(app):
    with clock.stopped() as time:
        browser = by_mail(app)
        time.forward(timedelta(minutes=16))
        assert not is_fresh(browser)
        name = app.extensions["housekey"].cookies.session
        before = browser.get_cookie(name).value
        assert send(browser).status_code == 202
        assert confirm(browser, "AAAA-AAAA").status_code == 422
        assert confirm(browser, code_in(app, BOB)).status_code == 200
        assert is_fresh(browser)
        thief = app.test_client()
        thief.set_cookie(name, before)
        assert thief.get("/private").status_code == 302


@pytest.mark.flaw(34, 59)
@pytest.mark.asvs("6.6.2")
def test_a_code_works_in_its_own_session_alone(app):
    one, other = by_mail(app), by_mail(app)
    send(one)
    code = code_in(app, BOB)
    asker = one.get_cookie(app.extensions["housekey"].cookies.asker)
    other.set_cookie(asker.key, asker.value)
    assert confirm(other, code).status_code == 422
    assert confirm(app.test_client(), code).status_code == 401
    assert confirm(one, code).status_code == 200


def test_the_code_of_a_step_up_logs_nobody_in(app):
    browser = by_mail(app)
    send(browser)
    code = code_in(app, BOB)
    browser.post("/account/api/logout")
    assert browser.post("/account/api/login/mail/confirm", json={"code": code}).status_code == 422


def test_whoever_has_a_password_confirms_by_that(app):
    ann = registered(app)
    assert send(ann).status_code == 403
    assert confirm(ann, "AAAA-AAAA").status_code == 403
    assert len(Mailbox(app)) == 0
    assert 'name="password"' in ann.get("/account/reauthenticate").text


def test_by_the_pages(app):
    browser = by_mail(app)
    page = browser.get("/account/reauthenticate?next=/private").text
    assert 'name="password"' not in page
    sent = browser.post("/account/reauthenticate/mail/send", data={"next": "/private"}, headers=OURS)
    assert browser.get(sent.location).status_code == 200
    form = {"code": "AAAA-AAAA", "next": "/private"}
    assert browser.post("/account/reauthenticate/mail", data=form, headers=OURS).status_code == 422
    done = browser.post("/account/reauthenticate/mail", data=form | {"code": code_in(app, BOB)}, headers=OURS)
    assert (done.status_code, done.location) == (303, "/private")


@pytest.mark.flaw(44)
def test_where_logging_in_by_mail_is_off_this_is_too():
    app = small_app()
    ann = registered(app)
    assert send(ann).status_code == 403
    assert ann.get("/account/reauthenticate/mail").status_code == 403
