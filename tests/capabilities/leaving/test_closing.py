"""Whoever closes an account is told what happens, can keep it for a week, and is gone after it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from housekey.capabilities.leaving.events import ClosingBegun, ClosingStopped
from housekey.kernel import clock
from housekey.kernel.dates import day_text
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.leaving import WEEK, facts, sweep_after, undo_token
from rig.mailed import OURS, operator, token_in
from rig.people import administrator, heard, id_of

ANN = "ann@example.test"
CLOSE = "/account/api/close"


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def ann(app):
    return registered(app)


def form(client, path, **fields):
    return client.post(f"/account/{path}", data=fields, headers=OURS)


@pytest.mark.asvs("6.3.7")
def test_a_closing_account_is_told_by_mail_with_when_and_how_to_keep_it(app, ann):
    ann.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    answer = ann.post(CLOSE)
    assert answer.status_code == 202
    day = str(day_text(datetime.fromisoformat(answer.json["closing_at"])))
    mail = Mailbox(app).last(to=ANN)
    assert mail.subject == "Your account at small is being closed"
    for text in (mail.text, mail.html):
        assert day in text
        assert "203.0.113.7" in text
        assert "/account/closing" in text
        assert "/account/undo?token=" in text


def test_it_closes_after_a_week_and_says_so_wherever_the_account_shows(app, ann):
    with clock.stopped(clock.now()):
        closing_at = ann.post(CLOSE).json["closing_at"]
        assert closing_at == (clock.now() + WEEK).isoformat().replace("+00:00", "Z")
        assert ann.get(CLOSE).json == {"closing_at": closing_at, "erased": False}
        assert ann.get("/account/api/me").json["user"]["closing_at"] == closing_at
        for page in ("", "data", "closing"):
            assert closing_at[:10] in ann.get(f"/account/{page}").text
        assert log_in(app.test_client()).json["user"]["closing_at"] == closing_at


@pytest.mark.asvs("7.4.3")
def test_closing_ends_all_other_sessions_and_links(app, ann):
    elsewhere = app.test_client()
    log_in(elsewhere)
    ann.post("/account/api/password/forgot", json={"email": ANN})
    token = token_in(app, ANN)
    ann.post(CLOSE)
    assert elsewhere.get("/private").status_code == 302
    assert ann.get("/private").status_code == 200
    reset = ann.post("/account/api/password/reset", json={"token": token, "password": "a brand new horse battery"})
    assert reset.status_code == 410


def test_whoever_logs_in_is_told_first_and_keeps_the_account_with_a_click(app, ann):
    form(ann, "close")
    browser = app.test_client()
    arrived = form(browser, "login", identifier=ANN, password=PASSWORD, next="/private")
    assert arrived.location == "/account/closing?next=/private"
    page = browser.get(arrived.location)
    assert "Your account is being closed" in page.text
    assert 'href="/private"' in page.text
    assert form(browser, "closing").location == "/account/"
    assert browser.get("/account/closing").location == "/account/data"
    sweep_after(app)
    assert facts(app, id_of(app)) is not None


def test_where_to_go_on_after_the_notice_stays_on_this_site(ann):
    ann.post(CLOSE)
    page = ann.get("/account/closing?next=https://evil.example/")
    assert "evil.example" not in page.text


def test_proving_once_more_does_not_lead_away_from_what_it_was_asked_for(app, ann):
    """Only a login is told that the account is closing: a step-up goes on to where it was wanted."""
    ann.post(CLOSE)
    answer = form(ann, "reauthenticate", password=PASSWORD, next="/account/export")
    assert answer.location == "/account/export"


def test_an_account_that_is_kept_stays_however_long_the_sweeps_go_on(app, ann):
    stopped = heard(app, ClosingStopped)
    ann.post(CLOSE)
    assert ann.delete(CLOSE).status_code == 204
    assert ann.get(CLOSE).json["closing_at"] is None
    assert sweep_after(app, 3 * WEEK)["closed accounts"] == 0
    assert facts(app, id_of(app)) is not None
    assert [event.by for event in stopped] == ["owner"]


def test_keeping_what_is_not_closing_changes_nothing(app, ann):
    stopped = heard(app, ClosingStopped)
    assert ann.delete(CLOSE).status_code == 204
    assert stopped == []


def test_a_second_wish_neither_puts_the_day_off_nor_mails_again(app, ann):
    begun = heard(app, ClosingBegun)
    first = ann.post(CLOSE).json
    with clock.stopped(clock.now() + timedelta(minutes=5)):
        assert ann.post(CLOSE).json == first
        assert form(ann, "close").location == "/account/closing"
    assert len(begun) == 1
    assert len(Mailbox(app)) == 1


def test_before_it_happens_the_page_says_what_will(ann):
    page = ann.get("/account/close").text
    assert "For 7 days you can still log in and keep it." in page
    assert "Nobody can bring it back" in page
    assert ANN in page


def test_the_site_chooses_how_long_an_account_can_be_kept():
    app = small_app(HOUSEKEY_LEAVING_DELAY="1d")
    ann = registered(app)
    assert "For one day you can still log in" in ann.get("/account/close").text
    ann.post(CLOSE)
    user_id = id_of(app)
    sweep_after(app, timedelta(hours=23))
    assert facts(app, user_id) is not None
    sweep_after(app, timedelta(hours=25))
    assert facts(app, user_id) is None


@pytest.mark.asvs("7.4.2")
@pytest.mark.parametrize("by_form", [True, False])
def test_without_a_delay_the_account_is_gone_at_once(by_form):
    app = small_app(HOUSEKEY_LEAVING_DELAY=0)
    ann = registered(app)
    user_id = id_of(app)
    assert "At once, your account and everything" in ann.get("/account/close").text
    if by_form:
        assert form(ann, "close").status_code == 303
    else:
        assert ann.post(CLOSE).json == {"closing_at": None, "erased": True}
    assert facts(app, user_id) is None
    assert ann.get("/private").status_code == 302
    assert log_in(app.test_client()).status_code == 401
    assert [mail.subject for mail in Mailbox(app).messages] == ["Your account at small is closed"]


def test_a_site_may_keep_people_from_closing_their_accounts_themselves():
    app = small_app(HOUSEKEY_LEAVING_OPEN=False)
    ann = registered(app)
    assert ann.post(CLOSE).status_code == 403
    assert form(ann, "close").status_code == 403
    assert ann.get("/account/close").status_code == 403
    assert "Accounts are closed by those who run this site" in ann.get("/account/data").text


def test_the_last_administrator_cannot_close_the_account_and_hears_why(app):
    root = administrator(app)
    refused = root.post(CLOSE)
    assert (refused.status_code, refused.json["code"]) == (403, "last_manager")
    assert "Nobody else can manage users" in form(root, "close").text
    assert root.get(CLOSE).json["closing_at"] is None
    assert len(Mailbox(app)) == 0


def test_the_only_administrator_learns_before_the_click_that_somebody_must_stay(app):
    admin = administrator(app)
    page = admin.get("/account/close").text
    assert "Nobody else can manage users." in page
    assert "Close my account" not in page
    administrator(app, "other@example.test")
    assert "Close my account" in admin.get("/account/close").text


def test_of_two_administrators_only_one_can_close_the_account(app):
    root, other = administrator(app), administrator(app, "other@example.test")
    assert root.post(CLOSE).status_code == 202
    assert other.post(CLOSE).json["code"] == "last_manager"
    assert root.delete(CLOSE).status_code == 204
    assert other.post(CLOSE).status_code == 202


def test_this_was_not_me_stops_the_closing(app, ann):
    ann.post(CLOSE)
    stopped = heard(app, ClosingStopped)
    owner = app.test_client()
    assert owner.post("/account/api/undo/freeze", json={"token": undo_token(app, ANN)}).status_code == 204
    assert [event.by for event in stopped] == ["freeze"]
    user = facts(app, id_of(app))
    assert user.closing_at is None
    assert user.frozen_at is not None
    assert sweep_after(app, 2 * WEEK)["closed accounts"] == 0


def test_this_was_not_me_does_not_stop_a_closing_by_those_who_run_the_site_and_have_disabled_the_account(app, ann):
    ann.post(CLOSE)
    operator(app, "users", "disable", ANN)
    app.test_client().post("/account/api/undo/freeze", json={"token": undo_token(app, ANN)})
    user_id = id_of(app)
    sweep_after(app)
    assert facts(app, user_id) is None


@pytest.mark.asvs("6.3.7")
def test_the_page_of_this_was_not_me_names_the_closing(app, ann):
    ann.post(CLOSE)
    browser = app.test_client()
    browser.get(f"/account/undo?token={undo_token(app, ANN)}")
    assert "Closing the account was asked for" in browser.get("/account/undo").text
