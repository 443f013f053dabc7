"""“This wasn't me” after a change of address: the former mailbox outranks the new one, for seven days."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from housekey.capabilities.emails.events import EmailChanged
from housekey.kernel import clock
from housekey.store import sweeping
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import operator, token_in
from rig.people import heard, house_of, id_of
from rig.threads import together

ANN, EVE, EVE2 = "ann@example.test", "eve@evil.test", "eve2@evil.test"
THIEF, AGAIN, NEW = "the thief has chosen this", "and the thief has changed it", "a brand new horse battery"


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def every_app(database_url):
    return small_app(database_url)


def move(app, browser, email):
    assert browser.post("/account/api/emails/change", json={"email": email}).status_code == 202
    token = token_in(app, email)
    assert browser.post("/account/api/emails/confirm", json={"token": token}).status_code == 204


def change(browser, current, new):
    answer = browser.post("/account/api/password/change", json={"current": current, "new": new})
    assert answer.status_code in (200, 204), answer.text


def freeze(app, token):
    return app.test_client().post("/account/api/undo/freeze", json={"token": token}).status_code


def restore(app, token, password=PASSWORD, new=NEW):
    body = {"token": token, "password": password, "new": new}
    return app.test_client().post("/account/api/undo/restore", json=body)


def taken_over(app):
    """Ann's account, whose address a thief who knew her password has changed, and then the password: the thief's
    browser and the links that Ann got."""
    registered(app)
    thief = app.test_client()
    log_in(thief)
    move(app, thief, EVE)
    links = [told(app, "Another address for"), told(app, "The address of")]
    change(thief, PASSWORD, THIEF)
    return thief, links


def told(app, subject):
    """The token of the link in the mail that Ann got about this."""
    mails = [mail for mail in Mailbox(app).to(ANN) if mail.subject.startswith(subject)]
    return parse_qs(urlsplit(mails[-1].links[0]).query)["token"][0]


@pytest.mark.flaw(28)
@pytest.mark.parametrize("which", [0, 1], ids=["asked", "changed"])
def test_the_owner_gets_account_and_address_back(every_app, which):
    thief, links = taken_over(every_app)
    happened = heard(every_app, EmailChanged)
    assert freeze(every_app, links[which]) == 204
    assert thief.get("/private").status_code == 302
    assert restore(every_app, links[which]).status_code == 204
    assert log_in(every_app.test_client(), ANN, NEW).status_code == 200
    assert log_in(every_app.test_client(), EVE, NEW).status_code == 401
    assert [(event.by, event.former, event.email) for event in happened] == [("undo", EVE, ANN)]
    assert any("open again, with a new password" in mail.text for mail in Mailbox(every_app).to(ANN))


def test_the_thief_is_told_nothing_of_it(app):
    _thief, (asked, _done) = taken_over(app)
    freeze(app, asked)
    count = len(Mailbox(app).to(EVE))
    restore(app, asked)
    assert len(Mailbox(app).to(EVE)) == count


def test_it_comes_back_as_confirmed_as_it_was(app):
    ann = registered(app)
    move(app, ann, "ann.new@example.test")
    verified_at = ann.get("/account/api/emails").json["emails"][0]["verified_at"]
    move(app, ann, EVE)
    link = token_in(app, "ann.new@example.test")
    freeze(app, link)
    assert restore(app, link).status_code == 204
    log_in(ann, "ann.new@example.test", NEW)
    assert ann.get("/account/api/emails").json["emails"] == [
        {"email": "ann.new@example.test", "primary": True, "verified_at": verified_at}
    ]


def test_however_often_the_thief_has_changed_it(app):
    thief, (asked, _done) = taken_over(app)
    move(app, thief, EVE2)
    change(thief, THIEF, AGAIN)
    freeze(app, asked)
    assert restore(app, asked).status_code == 204
    assert log_in(app.test_client(), ANN, NEW).status_code == 200


@pytest.mark.flaw(28)
def test_once_the_owner_has_frozen_it_the_thiefs_own_links_open_nothing(app):
    """The thief knows the password from before, too, and reads the notices of all that came after."""
    _thief, (asked, _done) = taken_over(app)
    thiefs = token_in(app, EVE)
    freeze(app, asked)
    assert restore(app, thiefs, PASSWORD).status_code == 410
    assert restore(app, thiefs, THIEF).status_code == 410
    assert restore(app, asked).status_code == 204


@pytest.mark.flaw(28)
def test_a_thief_who_freezes_and_restores_first_ends_none_of_the_owners_links(app):
    _thief, (asked, _done) = taken_over(app)
    thiefs = token_in(app, EVE)
    freeze(app, thiefs)
    assert restore(app, thiefs, PASSWORD, AGAIN).status_code == 204
    assert log_in(app.test_client(), EVE, AGAIN).status_code == 200
    assert freeze(app, asked) == 204
    assert restore(app, asked).status_code == 204
    assert log_in(app.test_client(), ANN, NEW).status_code == 200


def test_whoever_opens_the_newest_mail_first_is_told_of_the_oldest(app):
    registered(app)
    thief = app.test_client()
    log_in(thief)
    change(thief, PASSWORD, THIEF)
    oldest = told(app, "Your password")
    change(thief, THIEF, AGAIN)
    newest = told(app, "Your password")
    freeze(app, newest)
    refused = restore(app, newest, PASSWORD).json["fields"]["password"][0]
    assert "open the link of the oldest mail" in refused["text"]
    assert restore(app, oldest, PASSWORD).status_code == 204
    assert log_in(app.test_client(), ANN, NEW).status_code == 200


@pytest.mark.flaw(28)
def test_nor_does_one_who_never_changed_the_password_before(every_app):
    registered(every_app)
    thief = every_app.test_client()
    log_in(thief)
    move(every_app, thief, EVE)
    asked = told(every_app, "Another address for")
    thief.post("/account/api/emails/change", json={"email": EVE2})
    thiefs = token_in(every_app, EVE)
    freeze(every_app, thiefs)
    assert restore(every_app, thiefs, PASSWORD, AGAIN).status_code == 204
    assert freeze(every_app, asked) == 204
    assert restore(every_app, asked, AGAIN).status_code == 422, "that one never was the owner's"
    assert restore(every_app, asked, PASSWORD).status_code == 204
    assert log_in(every_app.test_client(), ANN, NEW).status_code == 200


@pytest.mark.flaw(28)
def test_the_former_mailbox_alone_takes_no_account_over(app):
    _thief, (asked, _done) = taken_over(app)
    freeze(app, asked)
    for guess in (THIEF, "not the right one"):
        assert restore(app, asked, guess).status_code == 422
    assert log_in(app.test_client(), ANN, NEW).status_code == 401


def test_a_wish_that_waits_ends_with_the_freeze(app):
    ann = registered(app)
    thief = app.test_client()
    log_in(thief)
    thief.post("/account/api/emails/change", json={"email": EVE})
    wish, link = token_in(app, EVE), token_in(app, ANN)
    freeze(app, link)
    restore(app, link)
    log_in(ann, ANN, NEW)
    assert ann.get("/account/api/emails").json["pending"] is None
    assert ann.post("/account/api/emails/confirm", json={"token": wish}).status_code == 410


def test_an_address_that_another_account_has_by_now_keeps_it_frozen_and_says_why(app):
    _thief, (asked, _done) = taken_over(app)
    registered(app, ANN)
    freeze(app, asked)
    refused = restore(app, asked)
    assert (refused.status_code, refused.json["code"]) == (409, "conflict")
    assert "belongs to another account by now" in refused.json["title"]
    reader = app.test_client()
    reader.get(f"/account/undo/restore?token={asked}")
    page = reader.post(
        "/account/undo/restore", data={"password": PASSWORD, "new": NEW}, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert (page.status_code, "Ask those who run this site" in page.text) == (409, True)
    assert log_in(app.test_client(), EVE, NEW).status_code == 401, "nor is it open to the thief"
    operator(app, "users", "unfreeze", EVE)
    assert log_in(app.test_client(), EVE, THIEF).status_code == 200, "those who run the site have the last word"


@pytest.mark.flaw(25)
def test_it_is_not_put_back_and_registered_anew_at_once(every_app):
    _thief, (asked, _done) = taken_over(every_app)
    freeze(every_app, asked)
    body = {"email": ANN, "password": PASSWORD}

    def one(n):
        if n:
            return every_app.test_client().post("/account/api/register", json=body).status_code
        return restore(every_app, asked).status_code

    assert sorted(together(2, one)) in ([201, 409], [204, 422])


def test_after_seven_days_nothing_is_put_back_and_nothing_is_kept(app):
    with clock.stopped() as time:
        _thief, (asked, done) = taken_over(app)
        time.forward(timedelta(days=7, minutes=1))
        assert [freeze(app, link) for link in (asked, done)] == [410, 410]
        with app.app_context():
            assert sweeping.sweep(house_of(app))["former_addresses"] == 1


def test_what_went_before_an_operators_word_is_not_put_back(app):
    _thief, (asked, _done) = taken_over(app)
    freeze(app, asked)
    operator(app, "users", "unfreeze", EVE)
    assert restore(app, asked).status_code == 410
    assert id_of(app, EVE)
