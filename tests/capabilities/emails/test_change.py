"""Another address: wanted by the account, confirmed by whoever reads its mail, and by both together only."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey.capabilities.emails.events import EmailChanged, EmailChangeRequested
from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from housekey.testing.people import make_user
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import OURS, code_in, operator, token_in
from rig.people import administrator, heard, house_of, id_of
from rig.threads import together

ANN, NEW, OTHER, BOB = (f"{name}@example.test" for name in ("ann", "ann.new", "ann.other", "bob"))


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def every_app(database_url):
    return small_app(database_url)


class Json:
    """The program's face."""

    def ask(self, browser, email=NEW):
        return browser.post("/account/api/emails/change", json={"email": email}).status_code == 202

    def confirm(self, browser, token):
        return browser.post("/account/api/emails/confirm", json={"token": token}).status_code == 204

    def confirm_by_code(self, browser, code):
        return browser.post("/account/api/emails/confirm", json={"code": code}).status_code == 204

    def withdraw(self, browser):
        return browser.delete("/account/api/emails/pending").status_code == 204


class Page:
    """The person's."""

    def ask(self, browser, email=NEW):
        answer = browser.post("/account/emails/change", data={"email": email}, headers=OURS)
        return (answer.status_code, answer.location) == (303, "/account/emails/confirm")

    def confirm(self, browser, token):
        browser.get(f"/account/emails/confirm?token={token}")
        answer = browser.post("/account/emails/confirm", headers=OURS)
        done = (answer.status_code, answer.location) == (303, "/account/emails")
        return done and "is yours now" in browser.get("/account/emails").text

    def confirm_by_code(self, browser, code):
        answer = browser.post("/account/emails/confirm", data={"code": code}, headers=OURS)
        return (answer.status_code, answer.location) == (303, "/account/emails")

    def withdraw(self, browser):
        return browser.post("/account/emails/pending/withdraw", headers=OURS).status_code == 303


FACES = pytest.mark.parametrize("face", [Json(), Page()], ids=["json", "page"])


def asked(app, email=NEW):
    ann = registered(app)
    assert Json().ask(ann, email)
    return ann


def address_of(browser):
    return browser.get("/account/api/me").json["user"]["email"]


def state(browser):
    return browser.get("/account/api/emails").json


def subjects(app, to):
    return [mail.subject for mail in Mailbox(app).messages if mail.to == to]


@FACES
def test_the_new_address_counts_once_its_mail_was_read(every_app, face):
    ann = registered(every_app)
    assert face.ask(ann)
    assert (address_of(ann), state(ann)["pending"]["email"]) == (ANN, NEW)
    assert log_in(every_app.test_client(), NEW).status_code == 401
    assert face.confirm(ann, token_in(every_app, NEW))
    assert address_of(ann) == NEW
    found = state(ann)
    assert (found["pending"], found["emails"][0]["email"]) == (None, NEW)
    assert found["emails"][0]["verified_at"] is not None
    assert log_in(every_app.test_client(), NEW).status_code == 200
    assert log_in(every_app.test_client(), ANN).status_code == 401


@FACES
def test_the_code_of_the_mail_does_the_same_in_the_browser_that_asked(app, face):
    ann = registered(app)
    assert face.ask(ann)
    assert not face.confirm_by_code(ann, "AAAA-AAAA")
    elsewhere = app.test_client()
    log_in(elsewhere)
    assert not face.confirm_by_code(elsewhere, code_in(app, NEW))
    assert face.confirm_by_code(ann, code_in(app, NEW))
    assert address_of(ann) == NEW


@pytest.mark.flaw(28)
@FACES
def test_whoever_reads_the_new_mailbox_gets_nothing_from_it(app, face):
    """Nor is a mailbox bound to the account of somebody who had a mail sent there: only who asked confirms."""
    ann, token = asked(app), token_in(app, NEW)
    reader, bob = app.test_client(), registered(app, BOB)
    assert not face.confirm(reader, token)
    assert not face.confirm(bob, token)
    assert (address_of(ann), address_of(bob)) == (ANN, BOB)
    assert face.confirm(ann, token), "and the link is not used up"


@pytest.mark.flaw(23)
def test_looking_at_the_link_changes_nothing_and_says_whose_it_is(app):
    ann, token = asked(app), token_in(app, NEW)
    for browser, words in (
        (app.test_client(), "Log in to confirm your new address"),
        (registered(app, BOB), "Another account has asked for this"),
        (ann, "Change your address?"),
    ):
        first = browser.get(f"/account/emails/confirm?token={token}")
        assert (first.status_code, first.location) == (303, "/account/emails/confirm")
        page = browser.get("/account/emails/confirm").text
        assert words in page
        assert token not in page
        assert (ANN in page) == (browser is ann), "nobody else learns whose account it is"
    assert address_of(ann) == ANN


def test_a_link_that_was_opened_before_the_login_works_after_it(app):
    asked(app)
    browser = app.test_client()
    browser.get(f"/account/emails/confirm?token={token_in(app, NEW)}")
    assert browser.post("/account/emails/confirm", headers=OURS).location == "/account/login"
    log_in(browser)
    assert browser.post("/account/emails/confirm", headers=OURS).status_code == 303
    assert address_of(browser) == NEW


@pytest.mark.asvs("7.5.1")
@FACES
def test_it_takes_a_recent_proof(app, face):
    with clock.stopped() as time:
        ann = registered(app)
        time.forward(timedelta(minutes=16))
        assert not face.ask(ann)
        assert state(ann)["pending"] is None
        assert "/account/reauthenticate" in ann.get("/account/emails/change").location


@FACES
def test_nobody_asks_who_is_not_logged_in(app, face):
    stranger = app.test_client()
    assert not face.ask(stranger)
    assert len(Mailbox(app)) == 0


@pytest.mark.flaw(28)
def test_the_former_address_is_told_at_once_and_both_when_it_is_done(app):
    ann = registered(app)
    before = len(subjects(app, ANN))
    Json().ask(ann)
    assert subjects(app, ANN)[before:] == ["Another address for your account at small?"]
    assert Mailbox(app).last_link(to=ANN).startswith("http://localhost/account/undo?token=")
    Json().confirm(ann, token_in(app, NEW))
    assert subjects(app, ANN)[before + 1 :] == ["The address of your account at small was changed"]
    assert subjects(app, NEW)[1:] == ["The address of your account at small was changed"]


@pytest.mark.flaw(28)
def test_only_the_former_address_can_undo_it(app):
    ann = asked(app)
    Json().confirm(ann, token_in(app, NEW))
    assert "/account/undo" in Mailbox(app).last(to=ANN).text
    assert "/account/undo" not in Mailbox(app).last(to=NEW).text


@pytest.mark.flaw(60)
def test_a_mailbox_that_nobody_has_shown_to_be_hers_reads_nothing_that_was_typed(app):
    ann = registered(app)
    Json().ask(ann)
    assert NEW not in Mailbox(app).last(to=ANN).text
    Json().confirm(ann, token_in(app, NEW))
    assert NEW not in Mailbox(app).last(to=ANN).text
    Json().ask(ann, OTHER)
    assert OTHER in Mailbox(app).last(to=NEW).text, "this one has"


@pytest.mark.flaw(60)
def test_the_mail_to_the_new_address_holds_nothing_that_was_typed(app):
    ann = registered(app, name="Buy at evil dot example")
    Json().ask(ann)
    mail = Mailbox(app).last(to=NEW).text
    assert "evil" not in mail
    assert ANN not in mail
    assert "give the code to nobody" in mail


@pytest.mark.flaw(11)
@FACES
def test_whether_somebody_has_an_address_stays_untold(app, face):
    registered(app, BOB)
    ann = registered(app)
    assert face.ask(ann, BOB)
    taken = state(ann)["pending"]
    assert (taken["email"], taken["expires_at"] > taken["asked_at"]) == (BOB, True)
    assert BOB in ann.get("/account/emails").text
    assert subjects(app, BOB)[-1] == "You have an account at small already"
    assert subjects(app, ANN)[-1] == "Another address for your account at small?"
    assert "token=" not in Mailbox(app).last(to=BOB).text
    assert address_of(ann) == ANN
    assert face.ask(ann, NEW)
    assert face.confirm(ann, token_in(app, NEW))


@pytest.mark.flaw(11)
def test_ones_own_export_does_not_tell_it_either(app):
    registered(app, BOB)
    seen = []
    for email in (BOB, NEW):
        browser = registered(app, f"eve{len(seen)}@example.test")
        assert Json().ask(browser, email)
        links = browser.get("/account/api/export").json["records"]["links"]
        seen.append([(one["purpose"], one["email"] == email) for one in links if one["purpose"] == "email_change"])
    assert seen == [[("email_change", True)]] * 2


@pytest.mark.flaw(11)
def test_who_asked_in_vain_does_not_learn_that_somebody_has_got_it_meanwhile(app):
    eve = registered(app, "eve@example.test")
    assert Json().ask(eve)
    hers, before = token_in(app, NEW), state(eve)["pending"]
    ann = asked(app)
    assert Json().confirm(ann, token_in(app, NEW))
    assert (address_of(ann), state(eve)["pending"]) == (NEW, before)
    assert not Json().confirm(eve, hers)


@pytest.mark.flaw(21)
@pytest.mark.parametrize(
    ("email", "code"),
    [
        ("no address", "invalid_email"),
        ("ann@exam\u212aple.test", "invalid_email"),
        ("x" * 65 + "@example.test", "too_long"),
        ("ANN@example.test", "unchanged"),
    ],
)
def test_addresses_are_judged_as_at_registration(app, email, code):
    ann = registered(app)
    refused = ann.post("/account/api/emails/change", json={"email": email})
    assert (refused.status_code, refused.json["fields"]["email"][0]["code"]) == (422, code)
    page = ann.post("/account/emails/change", data={"email": email}, headers=OURS)
    assert page.status_code == 422
    assert state(ann)["pending"] is None


@pytest.mark.flaw(28)
def test_the_last_wish_counts(app):
    ann, first = asked(app), token_in(app, NEW)
    Json().ask(ann, OTHER)
    assert not Json().confirm(ann, first)
    assert state(ann)["pending"]["email"] == OTHER
    Json().ask(ann, NEW)
    assert not Json().confirm(ann, token_in(app, OTHER))
    assert Json().confirm(ann, token_in(app, NEW)), "and the first address again, without a wait"
    assert address_of(ann) == NEW


@FACES
def test_a_wish_can_be_withdrawn(app, face):
    ann, token = asked(app), token_in(app, NEW)
    assert face.withdraw(ann)
    assert state(ann)["pending"] is None
    assert not face.confirm(ann, token)
    assert face.withdraw(ann), "also where nothing waits"


def test_the_mail_is_sent_again_after_a_while(app):
    with clock.stopped() as time:
        ann = asked(app)
        assert ann.post("/account/api/emails/pending/send").status_code == 202
        assert len(subjects(app, NEW)) == 1
        time.forward(timedelta(minutes=11))
        assert ann.post("/account/emails/pending/send", headers=OURS).status_code == 303
        assert len(subjects(app, NEW)) == 2
        assert Json().confirm_by_code(ann, code_in(app, NEW))
        assert ann.post("/account/api/emails/pending/send").status_code == 404


@pytest.mark.flaw(24)
def test_a_stranger_who_wants_the_same_address_keeps_nobody_from_it(app):
    eve = registered(app, "eve@example.test")
    Json().ask(eve)
    ann, hers = registered(app), token_in(app, NEW)
    Json().ask(ann)
    assert token_in(app, NEW) != hers
    assert Json().confirm(ann, token_in(app, NEW))
    assert not Json().confirm(eve, hers)


@pytest.mark.flaw(24)
@pytest.mark.parametrize("bearer", [None, BOB])
def test_nor_one_who_asks_for_it_over_and_over(bearer):
    app = small_app(HOUSEKEY_REGISTRATION_VERIFICATION="required")
    eve, ann = app.test_client(), app.test_client()
    for browser, email in ((eve, "eve@example.test"), (ann, ANN)):
        make_user(app, email=email)
        assert log_in(browser, email).status_code == 200
    wanted = make_user(app, email=bearer).email if bearer else NEW
    for turn in range(6):
        assert Json().ask(eve, wanted)
        assert Json().ask(eve, f"other{turn}@example.test"), "a new wish, so that the next one is mailed at once"
    assert len(Mailbox(app).to(wanted)) == 5, "the share of one account"
    assert Json().ask(ann, wanted)
    assert len(Mailbox(app).to(wanted)) == 6


@pytest.mark.flaw(24)
def test_the_link_works_once_and_for_a_day(app):
    with clock.stopped() as time:
        ann, token = asked(app), token_in(app, NEW)
        assert Json().confirm(ann, token)
        assert not Json().confirm(ann, token)
        Json().ask(ann, OTHER)
        late = token_in(app, OTHER)
        time.forward(timedelta(hours=24))
        log_in(ann, NEW)
        assert ann.post("/account/api/emails/confirm", json={"token": late}).status_code == 410


@pytest.mark.asvs("7.4.3")
def test_all_other_sessions_and_links_end(every_app):
    ann, elsewhere = registered(every_app), every_app.test_client()
    log_in(elsewhere)
    elsewhere.post("/account/api/password/forgot", json={"email": ANN})
    reset = token_in(every_app, ANN)
    Json().ask(ann)
    Json().confirm(ann, token_in(every_app, NEW))
    assert elsewhere.get("/private").status_code == 302
    assert ann.get("/private").status_code == 200
    body = {"token": reset, "password": "a brand new horse battery"}
    assert elsewhere.post("/account/api/password/reset", json=body).status_code == 410


def test_a_change_of_password_ends_a_wish(app):
    ann, token = asked(app), token_in(app, NEW)
    ann.post("/account/api/password/change", json={"current": PASSWORD, "new": "a brand new horse battery"})
    assert state(ann)["pending"] is None
    assert not Json().confirm(ann, token)


@pytest.mark.flaw(28)
def test_a_host_that_changes_the_address_itself_ends_a_wish(app):
    ann, token = asked(app), token_in(app, NEW)
    with app.app_context():
        house = house_of(app)
        with house.write() as unit:
            unit.session.get(house.store.user_model, id_of(app)).email = "by-host@example.test"
    assert not Json().confirm(ann, token)
    assert address_of(ann) == "by-host@example.test"
    assert log_in(app.test_client(), "by-host@example.test").status_code == 200


def test_an_address_that_was_taken_meanwhile_is_told_to_whoever_reads_its_mail(app):
    ann, token = asked(app), token_in(app, NEW)
    registered(app, NEW)
    late = ann.post("/account/api/emails/confirm", json={"token": token})
    assert (late.status_code, late.json["code"]) == (409, "conflict")
    ann.get(f"/account/emails/confirm?token={token}")
    assert "Another account has this address by now" in ann.post("/account/emails/confirm", headers=OURS).text
    assert address_of(ann) == ANN


@pytest.mark.flaw(25)
def test_of_two_accounts_that_confirm_one_address_at_once_exactly_one_gets_it(every_app):
    browsers, tokens = [], []
    for email in (ANN, BOB):
        browsers.append(registered(every_app, email))
        Json().ask(browsers[-1])
        tokens.append(token_in(every_app, NEW))
    answers = together(2, lambda n: Json().confirm(browsers[n], tokens[n]))
    assert sorted(answers) == [False, True]
    assert sorted(map(address_of, browsers)) == sorted([NEW, BOB if answers[0] else ANN])


@pytest.mark.flaw(25)
def test_of_parallel_clicks_on_one_link_one_counts_and_is_told_once(every_app):
    ann = asked(every_app)
    token, happened = token_in(every_app, NEW), heard(every_app, EmailChanged)
    browsers = [every_app.test_client() for _ in range(3)]
    for browser in browsers:
        log_in(browser)
    answers = together(3, lambda n: Json().confirm(browsers[n], token))
    assert answers.count(True) == 1
    assert [(event.former, event.email) for event in happened] == [(ANN, NEW)]
    winner = browsers[answers.index(True)]
    assert address_of(winner) == NEW
    assert ann.get("/private").status_code == 302


def test_a_registration_and_a_change_don_t_both_get_an_address(every_app):
    ann, token, newcomer = asked(every_app), None, every_app.test_client()
    token = token_in(every_app, NEW)
    body = {"email": NEW, "password": PASSWORD}

    def one(n):
        if n:
            return newcomer.post("/account/api/register", json=body).status_code == 201
        return Json().confirm(ann, token)

    assert sorted(together(2, one)) == [False, True]


def test_an_account_without_an_address_gets_its_first_one(app):
    ann = registered(app, username="ann")
    users = house_of(app).store.schema.mapper.local_table
    with app.app_context():
        house_of(app).run(lambda unit: unit.execute(sa.update(users).values(email=None)))
    assert state(ann)["emails"] == []
    assert "None is kept for your account" in ann.get("/account/").text
    assert "Add one" in ann.get("/account/emails").text
    Json().ask(ann)
    assert Json().confirm(ann, token_in(app, NEW))
    assert address_of(ann) == NEW


def test_a_site_without_mail_says_so():
    real = {"TESTING": False, "HOUSEKEY_PASSWORDS_HASH_PROFILE": "light", "HOUSEKEY_BASE_URL": "http://localhost"}
    silent = small_app(**real)
    ann = registered(silent)
    refused = ann.post("/account/api/emails/change", json={"email": NEW})
    assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
    assert ann.get("/account/emails/change").status_code == 403
    assert "Change it" not in ann.get("/account/emails").text


def test_a_typing_error_at_registration_is_put_right_before_anything_was_confirmed():
    app = small_app(HOUSEKEY_REGISTRATION_VERIFICATION="grace")
    ann, happened = registered(app, "anm@example.test"), heard(app, EmailChangeRequested)
    Json().ask(ann, ANN)
    assert [event.confirmed for event in happened] == [False]
    assert Json().confirm(ann, token_in(app, ANN))
    assert state(ann)["emails"][0]["verified_at"] is not None
    assert registered(app, "anm@example.test"), "whoever has that address can register"


def test_the_overview_tells_of_the_wish(app):
    ann = asked(app)
    assert f"{NEW} waits to be confirmed by its mail." in ann.get("/account/").text


def test_administrators_and_operators_see_it(app):
    asked(app)
    root, path = administrator(app), f"admin/users/{id_of(app)}"
    assert root.get(f"/account/api/{path}").json["pending_email"] == NEW
    assert NEW in root.get(f"/account/{path}").text
    assert NEW in operator(app, "explain-login", ANN).output


def test_a_host_that_has_loaded_the_user_sees_the_new_address_at_once(app):
    from flask_login import current_user

    @app.after_request
    def note(response):
        response.headers["X-Email"] = getattr(current_user, "email", None) or ""
        return response

    ann = asked(app)
    answer = ann.post("/account/api/emails/confirm", json={"token": token_in(app, NEW)})
    assert answer.headers["X-Email"] == NEW


@pytest.mark.parametrize("face", [Json(), Page()], ids=["json", "page"])
def test_only_the_browser_that_changes_the_address_stays_known(app, face):
    """Whoever has read the old mailbox may have let a browser in; it comes back as a new one."""
    ann, other = registered(app), app.test_client()
    log_in(other)
    assert face.ask(ann)
    assert face.confirm(ann, token_in(app, NEW))
    assert log_in(ann, NEW).status_code == 200
    assert "New login" not in Mailbox(app).last(to=NEW).subject
    assert log_in(other, NEW).status_code == 200
    assert Mailbox(app).last(to=NEW).subject == "New login to your account at small"
