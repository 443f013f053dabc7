"""Whoever reads the mail logs in, in the browser that asked for it and nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attacks.faces import disable
from housekey.capability import Capability
from housekey.kernel import clock
from housekey.login import Challenge
from housekey.testing import make_user
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import OURS, code_in, operator, token_in
from rig.threads import together

ANN, BOB = "ann@example.test", "bob@example.test"
NEW = "a brand new horse battery"


@pytest.fixture
def app():
    return small_app(HOUSEKEY_MAILED_LOGIN_OPEN=True)


@pytest.fixture
def every_app(database_url):
    return small_app(
        database_url, HOUSEKEY_MAILED_LOGIN_OPEN=True, HOUSEKEY_THROTTLING_NETWORK_TRIES=1000, HOUSEKEY_MAIL_BUDGET=100
    )


def ask(client, email=ANN):
    return client.post("/account/api/login/mail", json={"email": email})


def confirm(client, **shown):
    return client.post("/account/api/login/mail/confirm", json=shown)


def asked(app, email=ANN):
    """A browser that the account doesn't know, and that has asked for a mail."""
    browser = app.test_client()
    assert ask(browser, email).status_code == 202
    return browser


def is_in(client):
    return client.get("/private").status_code == 200


def cause(answer):
    return answer.status_code, answer.json["code"]


def test_the_link_logs_in_once(every_app):
    registered(every_app)
    browser = asked(every_app)
    token = token_in(every_app, ANN)
    done = confirm(browser, token=token)
    assert (done.status_code, done.json["user"]["email"]) == (200, ANN)
    assert (done.json["session"]["aal"], done.json["session"]["amr"]) == (1, ["email"])
    assert is_in(browser)
    assert cause(confirm(browser, token=token)) == (410, "invalid_link")


def test_the_code_does_too(every_app):
    registered(every_app)
    browser = asked(every_app)
    code = code_in(every_app, ANN)
    assert confirm(browser, code=code.lower()).status_code == 200
    assert is_in(browser)
    assert confirm(browser, code=code).status_code == 422


def test_an_account_without_a_password_uses_it(app):
    make_user(app, email=BOB, password=None, verified=False)
    browser = asked(app, BOB)
    assert confirm(browser, code=code_in(app, BOB)).status_code == 200
    assert "PasswordChanged" not in operator(app, "audit", "list", "--json").output, "there was none to take away"


@pytest.mark.flaw(34)
@pytest.mark.asvs("6.6.2")
def test_the_link_opens_nothing_in_another_browser_and_is_not_used_up_there(every_app):
    registered(every_app)
    browser, thief = asked(every_app), every_app.test_client()
    token, code = token_in(every_app, ANN), code_in(every_app, ANN)
    assert cause(confirm(thief, token=token)) == (403, "other_browser")
    assert confirm(thief, code=code).status_code == 422
    ask(thief, BOB)
    assert cause(confirm(thief, token=token)) == (403, "other_browser")
    assert not is_in(thief)
    assert confirm(browser, token=token).status_code == 200


def test_another_browser_is_told_what_to_do_and_shown_no_code(app):
    registered(app)
    asked(app)
    token, code, other = token_in(app, ANN), code_in(app, ANN), app.test_client()
    page = other.get(f"/account/login/mail/confirm?token={token}", follow_redirects=True)
    assert "Go back to that browser" in page.text
    assert code not in page.text
    assert ANN not in page.text
    refused = other.post("/account/login/mail/confirm", headers=OURS)
    assert refused.status_code == 403
    assert "logs in only the browser that asked" in refused.text
    assert not is_in(other)


@pytest.mark.flaw(41)
def test_nobody_is_logged_in_to_the_account_of_whoever_sends_them_a_link(app):
    registered(app, BOB)
    thief, victim = asked(app, BOB), registered(app)
    token = token_in(app, BOB)
    victim.get(f"/account/login/mail/confirm?token={token}")
    assert victim.post("/account/login/mail/confirm", headers=OURS).status_code == 403
    assert victim.get("/account/api/me").json["user"]["email"] == ANN
    far = {"Sec-Fetch-Site": "cross-site"}
    thief.get(f"/account/login/mail/confirm?token={token}")
    assert thief.post("/account/login/mail/confirm", headers=far).status_code == 403
    assert thief.post("/account/login/mail", data={"email": BOB}, headers=far).status_code == 403
    assert thief.post("/account/login/mail/confirm", headers=OURS).status_code == 303, "and spent nothing"


@pytest.mark.flaw(22, 23)
def test_a_scanner_that_opens_the_link_uses_nothing_up(app):
    registered(app)
    browser, token = asked(app), token_in(app, ANN)
    path = "/account/login/mail/confirm"
    for client in (app.test_client(), browser, browser):
        page = client.get(f"{path}?token={token}", follow_redirects=True)
        assert page.status_code == 200
        assert token not in page.text
        client.head(f"{path}?token={token}")
        assert not is_in(client)
    assert ANN in browser.get(path).text
    assert browser.post(path, headers=OURS).location == "/"
    assert is_in(browser)


@pytest.mark.parametrize("by", ["link", "code"])
def test_the_page_one_was_on_the_way_to_and_the_wish_to_stay_logged_in_survive_the_mail(app, by):
    registered(app)
    browser = app.test_client()
    form = {"email": ANN, "next": "/private", "remember": "on"}
    sent = browser.post("/account/login/mail", data=form, headers=OURS)
    assert sent.location == "/account/login/mail/confirm"
    if by == "link":
        browser.get(f"{sent.location}?token={token_in(app, ANN)}")
    code = {"code": code_in(app, ANN)} if by == "code" else {}
    done = browser.post(sent.location, data=code, headers=OURS)
    assert (done.status_code, done.location) == (303, "/private")
    assert "Expires" in done.headers["Set-Cookie"]


def test_what_was_chosen_last_counts_though_no_second_mail_is_sent(app):
    registered(app)
    browser = app.test_client()
    for form in ({"email": ANN, "next": "/elsewhere", "remember": "on"}, {"email": ANN, "next": "/private"}):
        browser.post("/account/login/mail", data=form, headers=OURS)
    assert len(Mailbox(app)) == 1
    done = browser.post("/account/login/mail/confirm", data={"code": code_in(app, ANN)}, headers=OURS)
    assert done.location == "/private"
    assert browser.get("/account/api/sessions").json["sessions"][0]["remember"] is False


@pytest.mark.flaw(40)
def test_the_way_on_stays_on_this_site(app):
    registered(app)
    browser = app.test_client()
    form = {"email": ANN, "next": "//evil.test/"}
    browser.post("/account/login/mail", data=form, headers=OURS)
    done = browser.post("/account/login/mail/confirm", data={"code": code_in(app, ANN)}, headers=OURS)
    assert done.location == "/"


@pytest.mark.flaw(24)
def test_a_change_of_the_password_ends_the_link(app):
    owner = registered(app)
    browser = asked(app)
    token, code = token_in(app, ANN), code_in(app, ANN)
    owner.post("/account/api/password/change", json={"current": PASSWORD, "new": NEW})
    assert cause(confirm(browser, token=token)) == (410, "invalid_link")
    assert confirm(browser, code=code).status_code == 422
    assert not is_in(browser)


@pytest.mark.flaw(50, 56)
def test_a_disabled_account_answers_as_to_a_wrong_code(app):
    registered(app)
    browser, other = asked(app), asked(app, "nobody@example.test")
    token, code = token_in(app, ANN), code_in(app, ANN)
    disable(app)
    right, wrong = confirm(browser, code=code), confirm(other, code="AAAA-AAAA")
    assert (right.status_code, right.data) == (wrong.status_code, wrong.data)
    assert cause(confirm(browser, token=token)) == (410, "invalid_link")
    assert not is_in(browser)


def test_the_link_lives_for_a_quarter_of_an_hour_and_the_code_for_ten_minutes(app):
    registered(app)
    with clock.stopped() as time:
        browser = asked(app)
        token, code = token_in(app, ANN), code_in(app, ANN)
        time.forward(timedelta(minutes=10, seconds=1))
        assert confirm(browser, code=code).status_code == 422
        time.forward(timedelta(minutes=4))
        assert confirm(browser, token=token).status_code == 200
        again = asked(app)
        token = token_in(app, ANN)
        time.forward(timedelta(minutes=15, seconds=1))
        assert confirm(again, token=token).status_code == 410


@pytest.mark.flaw(13, 58)
def test_wrong_codes_lock_and_the_right_one_gets_the_same_answer_then(app):
    registered(app)
    browser = asked(app)
    code = code_in(app, ANN)
    wrong = [confirm(browser, code="AAAA-AAAA") for _ in range(5)]
    assert {answer.status_code for answer in wrong} == {422}
    assert confirm(browser, code=code).data == wrong[0].data


@pytest.mark.flaw(13)
@pytest.mark.asvs("6.6.3")
def test_new_mails_give_a_guesser_no_new_tries(app):
    registered(app)
    guesser = app.test_client()
    with clock.stopped() as time:
        ask(guesser)
        for _ in range(5):
            confirm(guesser, code="AAAA-AAAA")
        time.forward(timedelta(minutes=11))
        other = asked(app)
        assert confirm(other, code=code_in(app, ANN)).status_code == 422, "the account is locked to unknown browsers"


def login_mails(app):
    return sum(mail.subject == "Log in to small" for mail in Mailbox(app).messages)


@pytest.mark.flaw(14)
def test_a_strangers_guesses_and_mails_keep_the_owner_from_nothing_in_a_browser_that_is_known(app):
    owner = registered(app)
    owner.post("/account/api/logout")
    stranger = app.test_client()
    with clock.stopped() as time:
        for _ in range(6):
            time.forward(timedelta(minutes=10, seconds=1))
            before = login_mails(app)
            ask(stranger)
            for _ in range(5):
                confirm(stranger, code="AAAA-AAAA")
        assert login_mails(app) == before, "strangers have used up their share of mails"
        time.forward(timedelta(seconds=1))  # the mail about the wall is from this moment, too
        ask(owner)
        assert login_mails(app) == before + 1
        assert confirm(owner, code=code_in(app, ANN)).status_code == 200
        owner.post("/account/api/logout")
        ask(owner)
        assert login_mails(app) == before + 2, "a mail that was used keeps the next one back from nobody"


def test_the_link_works_though_strangers_have_guessed_at_codes(app):
    registered(app)
    browser = asked(app)
    token = token_in(app, ANN)
    for _ in range(5):
        confirm(browser, code="AAAA-AAAA")
    assert confirm(browser, token=token).status_code == 200


@pytest.mark.flaw(31)
def test_what_else_is_required_is_asked_after_the_mail():
    class Terms:
        """The terms of use were accepted."""

        name = "terms"

        def check(self, house, attempt):
            return None if "terms" in attempt.done else Challenge("terms", "housekey.login")

    app = small_app(HOUSEKEY_MAILED_LOGIN_OPEN=True, capabilities=[Capability(name="terms", requirement=Terms())])
    make_user(app, email=ANN)
    for shown in ("token", "code"):
        browser = app.test_client()
        with clock.stopped() as time:
            time.forward(timedelta(minutes=11 if shown == "code" else 0))
            ask(browser)
            found = token_in(app, ANN) if shown == "token" else code_in(app, ANN)
            parked = confirm(browser, **{shown: found})
        assert (parked.status_code, parked.json["challenge"]["type"]) == (202, "terms")
        assert not is_in(browser)


def test_the_mail_confirms_the_address_and_so_meets_what_asks_for_that():
    app = small_app(HOUSEKEY_MAILED_LOGIN_OPEN=True, HOUSEKEY_VERIFICATION_REQUIRED=True)
    make_user(app, email=BOB, password=None, verified=False)
    assert confirm(asked(app, BOB), token=token_in(app, BOB)).status_code == 200
    assert '"email_verified_at": "2' in operator(app, "users", "show", BOB, "--json").output


@pytest.mark.flaw(27)
def test_whoever_began_an_account_with_an_address_of_another_is_out_when_its_owner_logs_in_by_mail(every_app):
    stranger = registered(every_app)
    owner = asked(every_app)
    assert confirm(owner, token=token_in(every_app, ANN)).status_code == 200
    assert is_in(owner)
    assert not is_in(stranger)
    assert log_in(every_app.test_client()).status_code == 401
    assert "You have none" in owner.get("/account/").text


def test_whoever_began_it_and_reads_its_mail_keeps_the_password(app):
    owner = registered(app)
    owner.post("/account/api/logout")
    ask(owner)
    assert confirm(owner, token=token_in(app, ANN)).status_code == 200
    assert log_in(app.test_client()).status_code == 200


@pytest.mark.flaw(2)
def test_a_login_by_mail_ends_the_session_that_was_here_before(app):
    registered(app)
    browser = registered(app, BOB)
    before = browser.get_cookie(app.extensions["housekey"].cookies.session).value
    ask(browser)
    assert confirm(browser, token=token_in(app, ANN)).json["user"]["email"] == ANN
    browser.set_cookie(app.extensions["housekey"].cookies.session, before)
    assert not is_in(browser)


@pytest.mark.flaw(44)
@pytest.mark.parametrize("call", [ask, lambda client: confirm(client, token="x" * 43)])
def test_where_it_is_off_as_it_is_by_default_neither_face_does_it(call):
    app = small_app()
    registered(app)
    assert call(app.test_client()).status_code == 403
    for path in ("login/mail", "login/mail/confirm"):
        assert app.test_client().get(f"/account/{path}").status_code == 403
    assert "login/mail" not in app.test_client().get("/account/login").text
    assert len(Mailbox(app)) == 0


def test_the_login_page_offers_it_where_it_is_on(app):
    page = app.test_client().get("/account/login?next=/private").text
    assert "/account/login/mail?next=%2Fprivate" in page or "/account/login/mail?next=/private" in page


def one_mail_in_three_browsers(app, shown):
    """What each of three browsers got that bear the same mail and the same cookie, and how many are logged in."""
    first = asked(app)
    found = token_in(app, ANN) if shown == "token" else code_in(app, ANN)
    asker = first.get_cookie(app.extensions["housekey"].cookies.asker)
    browsers = [app.test_client() for _ in range(3)]
    for browser in browsers:
        browser.set_cookie(asker.key, asker.value)
    answers = together(3, lambda n: confirm(browsers[n], **{shown: found}).status_code)
    return sorted(answers), sum(map(is_in, browsers))


@pytest.mark.flaw(25)
@pytest.mark.parametrize(("shown", "lost"), [("token", 410), ("code", 422)])
def test_of_parallel_bearers_of_one_mail_exactly_one_gets_in(every_app, shown, lost):
    registered(every_app)
    for _round in range(50):
        assert one_mail_in_three_browsers(every_app, shown) == ([200, lost, lost], 1)


def test_a_code_that_one_has_typed_for_another_address_moves_nothing(app):
    registered(app)
    registered(app, BOB)
    browser = asked(app)
    ask(browser, BOB)
    assert confirm(browser, code=code_in(app, ANN)).json["user"]["email"] == ANN


def test_a_code_of_one_person_that_was_asked_for_here_is_no_code_of_another(app):
    registered(app)
    browser, other = asked(app), asked(app, "nobody@example.test")
    assert confirm(other, code=code_in(app, ANN)).status_code == 422
    assert confirm(browser, code=code_in(app, ANN)).status_code == 200


def test_whoever_is_logged_in_needs_no_mail(app):
    ann = registered(app)
    assert ann.get("/account/login/mail?next=/private").location == "/private"
    assert ann.get("/account/login/mail?next=https://evil.example").location == "/"
