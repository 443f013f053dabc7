"""Several addresses of one account: each confirmed, to log in with and to get back in by; one is the account's own."""

from __future__ import annotations

import pytest

from attacks.faces import session_ids
from housekey.capabilities.emails import confirming, further
from housekey.capabilities.emails.events import EmailAdded, EmailChanged, EmailRemoved
from housekey.errors import NotLoggedIn
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import OURS, token_in
from rig.people import heard, house_of, id_of
from rig.threads import together

ANN, WORK, HOME, BOB = (f"{name}@example.test" for name in ("ann", "ann.work", "ann.home", "bob"))
NEW = "a brand new horse battery"


@pytest.fixture
def app():
    return small_app(HOUSEKEY_EMAILS_SEVERAL=True)


@pytest.fixture
def every_app(database_url):
    return small_app(database_url, HOUSEKEY_EMAILS_SEVERAL=True)


def post(browser, what, **body):
    return browser.post(f"/account/api/emails{what}", json=body).status_code


def confirmed_ann(app):
    """Registered, and her own address confirmed."""
    ann = registered(app)
    ann.post("/account/api/email/verify/send")
    ann.post("/account/api/email/verify", json={"token": token_in(app, ANN)})
    return ann


def add(app, browser, email):
    assert post(browser, "", email=email) == 202
    assert post(browser, "/confirm", token=token_in(app, email)) == 204


def with_work(app):
    ann = confirmed_ann(app)
    add(app, ann, WORK)
    return ann


def addresses(browser):
    found = browser.get("/account/api/emails").json["emails"]
    assert all(address["verified_at"] for address in found)
    return [address["email"] for address in found]


def test_each_of_them_logs_in_and_gets_back_in(every_app):
    ann = with_work(every_app)
    assert addresses(ann) == [ANN, WORK]
    assert [log_in(every_app.test_client(), who).status_code for who in (ANN, WORK)] == [200, 200]
    stranger = every_app.test_client()
    stranger.post("/account/api/password/forgot", json={"email": WORK.upper()})
    body = {"token": token_in(every_app, WORK), "password": NEW}
    assert stranger.post("/account/api/password/reset", json=body).status_code == 204
    assert log_in(every_app.test_client(), ANN, NEW).status_code == 200


def test_every_notice_goes_to_all_of_them(app):
    ann = with_work(app)
    before = len(Mailbox(app))
    ann.post("/account/api/password/change", json={"current": PASSWORD, "new": NEW})
    assert sorted(mail.to for mail in Mailbox(app).messages[before:]) == sorted([ANN, WORK])


def test_adding_one_is_told_and_only_those_from_before_can_undo_it(app):
    happened = heard(app, EmailAdded)
    with_work(app)
    assert [event.email for event in happened] == [WORK]
    told = [Mailbox(app).last(to=address) for address in (ANN, WORK)]
    assert {mail.subject for mail in told} == {"An address was added to your account at small"}
    assert ["/account/undo" in mail.text for mail in told] == [True, False]


def test_until_it_is_confirmed_it_counts_for_nothing(app):
    ann = confirmed_ann(app)
    post(ann, "", email=WORK)
    assert addresses(ann) == [ANN]
    assert ann.get("/account/api/emails").json["pending"]["wish"] == "add"
    assert log_in(app.test_client(), WORK).status_code == 401


def test_another_one_becomes_the_accounts_own(every_app):
    ann, happened = with_work(every_app), heard(every_app, EmailChanged)
    elsewhere = every_app.test_client()
    log_in(elsewhere)
    assert post(ann, "/primary", email=WORK) == 204
    assert addresses(ann) == [WORK, ANN]
    assert ann.get("/account/api/me").json["user"]["email"] == WORK
    assert [(event.former, event.email) for event in happened] == [(ANN, WORK)]
    assert elsewhere.get("/private").status_code == 302
    assert [log_in(every_app.test_client(), who).status_code for who in (ANN, WORK)] == [200, 200]
    assert post(ann, "/primary", email=WORK) == 204, "nothing happens"


def test_where_the_host_has_emptied_the_own_one_another_takes_its_place_or_goes(app):
    ann = with_work(app)
    add(app, ann, HOME)
    with app.app_context():
        session = app.extensions["housekey"].declared.session
        session.get(app.extensions["housekey"].house.store.schema.user, id_of(app, ANN)).email = None
        session.commit()
    assert post(ann, "/primary", email=WORK) == 204
    assert ann.get("/account/api/me").json["user"]["email"] == WORK
    assert addresses(ann) == [WORK, HOME]


def test_one_that_was_removed_is_worth_nothing_more(every_app):
    ann, happened = with_work(every_app), heard(every_app, EmailRemoved)
    stranger = every_app.test_client()
    stranger.post("/account/api/password/forgot", json={"email": WORK})
    reset = token_in(every_app, WORK)
    assert post(ann, "/remove", email=WORK.upper()) == 204
    assert addresses(ann) == [ANN]
    assert [event.email for event in happened] == [WORK]
    assert log_in(every_app.test_client(), WORK).status_code == 401
    assert stranger.post("/account/api/password/reset", json={"token": reset, "password": NEW}).status_code == 410
    assert Mailbox(every_app).last(to=WORK).subject == "An address was removed from your account at small"
    assert registered(every_app, WORK)


def test_the_accounts_own_is_not_removed_and_nobody_elses_is_touched(app):
    ann = with_work(app)
    registered(app, BOB)
    refused = ann.post("/account/api/emails/remove", json={"email": ANN})
    assert (refused.status_code, refused.json["fields"]["email"][0]["code"]) == (422, "primary")
    assert [post(ann, what, email=BOB) for what in ("/remove", "/primary")] == [404, 404]
    assert log_in(app.test_client(), BOB).status_code == 200


def test_a_change_takes_the_place_of_the_own_one_and_leaves_the_others(app):
    ann = with_work(app)
    assert post(ann, "/change", email=HOME) == 202
    assert post(ann, "/confirm", token=token_in(app, HOME)) == 204
    assert addresses(ann) == [HOME, WORK]


@pytest.mark.flaw(28)
def test_an_undo_puts_all_of_them_back(every_app):
    ann = with_work(every_app)
    assert post(ann, "/remove", email=WORK) == 204
    link = token_in(every_app, WORK)
    add(every_app, ann, HOME)
    assert post(ann, "/primary", email=HOME) == 204
    assert post(ann, "/remove", email=ANN) == 204
    browser = every_app.test_client()
    assert browser.post("/account/api/undo/freeze", json={"token": link}).status_code == 204
    body = {"token": link, "password": PASSWORD, "new": NEW}
    assert browser.post("/account/api/undo/restore", json=body).status_code == 204
    log_in(browser, WORK, NEW)
    assert addresses(browser) == [ANN, WORK]
    assert log_in(every_app.test_client(), HOME, NEW).status_code == 401


def test_beside_an_address_that_nobody_has_confirmed_stands_none(app):
    ann = registered(app)
    assert post(ann, "", email=WORK) == 403
    assert "Confirm your address first" in ann.post("/account/emails/add", data={"email": WORK}, headers=OURS).text


def test_there_are_at_most_ten(app):
    ann = confirmed_ann(app)
    for number in range(9):
        add(app, ann, f"ann.{number}@example.test")
    assert post(ann, "", email=WORK) == 403


@pytest.mark.flaw(44)
def test_where_there_is_one_only_none_is_added():
    app = small_app()
    ann = confirmed_ann(app)
    assert post(ann, "", email=WORK) == 403
    assert ann.get("/account/emails/add").status_code == 403
    assert "Add an address" not in ann.get("/account/emails").text


@pytest.mark.flaw(25)
def test_of_two_accounts_that_add_one_address_at_once_exactly_one_gets_it(every_app):
    browsers, tokens = [confirmed_ann(every_app), registered(every_app, BOB)], []
    post(browsers[0], "", email=WORK)
    tokens.append(token_in(every_app, WORK))
    post(browsers[1], "/change", email=WORK)
    tokens.append(token_in(every_app, WORK))
    answers = together(2, lambda n: post(browsers[n], "/confirm", token=tokens[n]))
    assert answers.count(204) == 1, answers
    assert log_in(every_app.test_client(), WORK).status_code == 200


def test_parallel_changes_leave_one_own_address(every_app):
    ann = with_work(every_app)
    add(every_app, ann, HOME)
    wanted = [WORK, HOME, WORK, HOME]
    answers = together(4, lambda n: post(ann, "/primary", email=wanted[n]))
    assert set(answers) == {204}
    log_in(ann)
    assert sorted(addresses(ann)) == sorted([ANN, WORK, HOME])
    assert ann.get("/account/api/me").json["user"]["email"] in (WORK, HOME)


@pytest.mark.flaw(4, 56)
@pytest.mark.asvs("15.4.2")
def test_a_session_that_is_ended_meanwhile_changes_nothing(every_app):
    """The thief's request was let in, and gets its turn after the owner has ended the session."""
    ann, thief, house = with_work(every_app), every_app.test_client(), house_of(every_app)
    log_in(thief)
    post(thief, "", email=HOME)
    link, user_id = confirming.opened(house, token_in(every_app, HOME)), id_of(every_app)
    browser = confirming.Browser(session_ids(thief)[0], None)
    assert ann.delete("/account/api/sessions").status_code == 204
    with every_app.app_context():
        for too_late in (
            lambda: confirming.confirm(house, link, user_id=user_id, browser=browser),
            lambda: further.make_primary(house, user_id, WORK, browser=browser),
            lambda: further.remove(house, user_id, WORK, browser=browser),
        ):
            with pytest.raises(NotLoggedIn):
                too_late()
    assert addresses(ann) == [ANN, WORK], "and the owner is still logged in"


def test_a_host_may_let_a_further_one_become_the_own_one(app):
    ann = with_work(app)
    with app.app_context():
        house = house_of(app)
        with house.write() as unit:
            unit.session.get(house.store.user_model, id_of(app)).email = WORK
    assert addresses(ann) == [WORK]
    assert log_in(app.test_client(), WORK).status_code == 200


def test_the_pages_do_the_same(app):
    ann = confirmed_ann(app)
    assert "Add an address" in ann.get("/account/emails").text
    ann.post("/account/emails/add", data={"email": WORK}, headers=OURS)
    ann.get(f"/account/emails/confirm?token={token_in(app, WORK)}")
    assert "Add this e-mail address?" in ann.get("/account/emails/confirm").text
    assert ann.post("/account/emails/confirm", headers=OURS).status_code == 303
    assert addresses(ann) == [ANN, WORK]
    assert ann.post("/account/emails/primary", data={"email": WORK}, headers=OURS).status_code == 303
    assert ann.post("/account/emails/remove", data={"email": ANN}, headers=OURS).status_code == 303
    assert addresses(ann) == [WORK]
    assert ann.post("/account/emails/remove", data={"email": WORK}, headers=OURS).status_code == 422


def test_what_was_asked_for_before_it_was_switched_off_is_confirmed_no_more(sqlite_url):
    app = small_app(sqlite_url, HOUSEKEY_EMAILS_SEVERAL=True)
    ann = confirmed_ann(app)
    assert post(ann, "", email=WORK) == 202
    token = token_in(app, WORK)
    closed = small_app(sqlite_url)
    closed.secret_key = app.secret_key
    browser = closed.test_client()
    assert log_in(browser).status_code == 200
    assert post(browser, "/confirm", token=token) == 403
    assert log_in(closed.test_client(), WORK).status_code == 401
