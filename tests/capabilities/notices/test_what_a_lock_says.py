"""The mail about a lock says what was guessed, and what to do about that."""

from __future__ import annotations

import pytest

from housekey.testing.mailbox import Mailbox
from rig.apps import log_in, registered, small_app
from rig.mailed import operator
from rig.phones import answer, with_phone

ANN = "ann@example.test"
TRIES = 5
CHALLENGED = 202


@pytest.fixture(
    params=[
        ("en", "wrong password", "wrong code", "the first step", "If it was you"),
        ("de", "falschen Passwort", "falschen Code", "ersten Schritt", "Wenn Sie es waren"),
    ]
)
def spoken(request):
    return request.param


def app_in(language):
    return small_app(HOUSEKEY_LANGUAGES=[language], HOUSEKEY_MAILED_LOGIN_OPEN=True)


def said(app):
    """Text and HTML of the mail about the lock."""
    found = [mail for mail in Mailbox(app).messages if mail.purpose == "locked"]
    assert len(found) == 1
    return found[0].text, found[0].html


def test_guessed_passwords(spoken):
    app = app_in(spoken[0])
    registered(app)
    for _ in range(TRIES):
        log_in(app.test_client(), password="a guess, and no good one")
    for text in said(app):
        assert [word in text for word in spoken[1:4]] == [True, False, False]


def test_guessed_codes_of_mails(spoken):
    app = app_in(spoken[0])
    registered(app)
    browser = app.test_client()
    browser.post("/account/api/login/mail", json={"email": ANN})
    for _ in range(TRIES):
        browser.post("/account/api/login/mail/confirm", json={"code": "AAAA-AAAA"})
    for text in said(app):
        assert [word in text for word in spoken[1:4]] == [False, True, False]


def test_whoever_fails_at_the_second_step_has_passed_the_first(spoken):
    app = app_in(spoken[0])
    phone = with_phone(registered(app))
    browser = app.test_client()
    log_in(browser)
    for _ in range(TRIES):
        answer(browser, str(int(phone.code()) ^ 1).zfill(6))
    for text in said(app):
        assert [word in text for word in spoken[1:4]] == [False, False, True]


def test_a_lock_that_any_stranger_can_cause_hides_none_of_the_second_step():
    """Who knows the password would lock it first: for the rest of the day nobody would hear of guesses at codes."""
    app = small_app()
    phone = with_phone(registered(app))
    thief = app.test_client()
    assert log_in(thief).status_code == CHALLENGED
    for _ in range(2 * TRIES):
        log_in(app.test_client(), password="a guess, and no good one")
    for _ in range(TRIES):
        answer(thief, str(int(phone.code()) ^ 1).zfill(6))
    told = [mail.text for mail in Mailbox(app).to(ANN) if mail.purpose == "locked"]
    assert ["the first step" in text for text in told] == [False, True], "one of each kind a day"


def test_what_those_who_run_the_site_did_is_not_called_the_readers(spoken):
    app = app_in(spoken[0])
    registered(app)
    assert operator(app, "users", "close", ANN, "--yes").exit_code == 0
    mail = Mailbox(app).last(to=ANN)
    for text in (mail.text, mail.html):
        assert spoken[4] not in text
        assert "/account/undo?token=" in text
