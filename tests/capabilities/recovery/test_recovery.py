"""Whoever reads the mailbox of an account gets back in, by the normal road; nobody else does, or learns anything."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import OURS, code_in, operator, token_in
from rig.threads import together

ANN = "ann@example.test"
NEW = "a brand new horse battery"


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def every_app(database_url):
    return small_app(database_url)


def ask(client, email=ANN):
    return client.post("/account/api/password/forgot", json={"email": email})


def reset(client, password=NEW, **shown):
    return client.post("/account/api/password/reset", json={"password": password, **shown})


def code_of(answer):
    return answer.json["code"]


@pytest.mark.asvs("6.4.3")
def test_a_mailed_link_sets_a_new_password_once(every_app):
    registered(every_app)
    stranger = every_app.test_client()
    assert ask(stranger).status_code == 202
    token = token_in(every_app, ANN)
    assert reset(stranger, token=token).status_code == 204
    assert log_in(every_app.test_client(), password=PASSWORD).status_code == 401
    assert log_in(every_app.test_client(), password=NEW).status_code == 200
    again = reset(stranger, "and another one for good", token=token)
    assert (again.status_code, code_of(again)) == (410, "invalid_link")


@pytest.mark.flaw(26)
def test_a_reset_logs_nobody_in(app):
    registered(app)
    browser = app.test_client()
    ask(browser)
    reset(browser, token=token_in(app, ANN))
    assert browser.get("/account/api/me").status_code == 401


@pytest.mark.flaw(4)
@pytest.mark.asvs("7.4.3")
def test_a_reset_ends_every_session_of_the_account(app):
    owner = registered(app)
    browser = app.test_client()
    ask(browser)
    assert reset(browser, token=token_in(app, ANN)).status_code == 204
    assert owner.get("/private").status_code == 302


def test_the_code_of_the_mail_works_in_the_browser_that_asked_alone(app):
    registered(app)
    asked, other = app.test_client(), app.test_client()
    ask(asked)
    code = code_in(app, ANN)
    refused = reset(other, code=code)
    assert (refused.status_code, refused.json["fields"]["code"][0]["code"]) == (422, "wrong_code")
    assert reset(asked, code=code.lower()).status_code == 204


@pytest.mark.flaw(13)
def test_five_wrong_codes_are_all_that_a_guesser_gets(app):
    registered(app)
    browser = app.test_client()
    ask(browser)
    assert [reset(browser, code="AAAA-AAAA").status_code for _ in range(5)] == [422] * 5
    assert reset(browser, code=code_in(app, ANN)).status_code == 422


def test_an_unfit_password_spends_nothing(app):
    registered(app)
    browser = app.test_client()
    ask(browser)
    token = token_in(app, ANN)
    unfit = reset(browser, "short", token=token)
    assert "password" in unfit.json["fields"]
    own = reset(browser, ANN, token=token)
    assert "password" in own.json["fields"], "the account's own words are no password"
    assert reset(browser, token=token).status_code == 204


@pytest.mark.flaw(11)
@pytest.mark.asvs("6.3.8")
@pytest.mark.parametrize("path", ["password/forgot", "username/forgot"])
def test_known_unknown_and_disabled_addresses_get_one_and_the_same_answer(app, path):
    registered(app)
    answers = [
        app.test_client().post(f"/account/api/{path}", json={"email": email})
        for email in (ANN, "nobody@example.test", ANN.upper())
    ]
    assert {(answer.status_code, answer.data) for answer in answers} == {(202, b"")}
    assert len({tuple(sorted(answer.headers.keys())) for answer in answers}) == 1
    assert {mail.to for mail in Mailbox(app).messages} == {ANN}


@pytest.mark.flaw(21)
@pytest.mark.parametrize("typed", ["ANN@EXAMPLE.TEST", " ann@example.test "])
def test_the_mail_goes_to_the_address_of_the_account_and_not_to_what_was_typed(app, typed):
    registered(app)
    ask(app.test_client(), typed)
    assert [mail.to for mail in Mailbox(app).messages] == [ANN]


@pytest.mark.flaw(21)
@pytest.mark.parametrize(
    "typed", ["ａnn@example.test", "ann@exampłe.test", "änn@example.test", "ann@example.test.evil.test"]
)
def test_a_look_alike_of_an_address_gets_nothing(app, typed):
    registered(app)
    assert ask(app.test_client(), typed).status_code in (202, 422)
    assert len(Mailbox(app)) == 0


@pytest.mark.flaw(24)
def test_asking_again_within_ten_minutes_sends_nothing_and_ends_nothing(app):
    registered(app)
    with clock.stopped() as time:
        ask(app.test_client())
        token = token_in(app, ANN)
        for _ in range(3):
            assert ask(app.test_client()).status_code == 202
        assert len(Mailbox(app)) == 1
        time.forward(timedelta(minutes=11))
        ask(app.test_client())
        assert len(Mailbox(app)) == 2
        assert reset(app.test_client(), token=token).status_code == 204


@pytest.mark.flaw(42)
@pytest.mark.parametrize(
    "typed", ["ann@example.test\r\nBcc: eve@evil.test", "ann@example.test,eve@evil.test", "", "@", "x" * 300]
)
def test_what_is_no_address_is_refused_and_mails_nobody(app, typed):
    registered(app)
    assert ask(app.test_client(), typed).status_code == 422
    assert len(Mailbox(app)) == 0


@pytest.mark.flaw(22)
def test_the_link_leads_to_the_site_and_not_to_the_host_that_was_named(app):
    app.config["HOUSEKEY_BASE_URL"] = "https://example.org"
    app = small_app(HOUSEKEY_BASE_URL="https://example.org")
    registered(app)
    app.test_client().post(
        "/account/api/password/forgot",
        json={"email": ANN},
        headers={"Host": "evil.test", "X-Forwarded-Host": "evil.test"},
    )
    assert Mailbox(app).last_link(to=ANN).startswith("https://example.org/account/password/reset?")
    assert "evil" not in Mailbox(app).last(to=ANN).text


@pytest.mark.flaw(22, 23)
def test_the_token_leaves_the_address_at_the_first_click_and_looking_spends_nothing(app):
    registered(app)
    ask(app.test_client())
    link = urlsplit(Mailbox(app).last_link(to=ANN))
    scanner = app.test_client()
    for _ in range(3):
        assert scanner.get(f"{link.path}?{link.query}", follow_redirects=True).status_code == 200
    reader = app.test_client()
    first = reader.get(f"{link.path}?{link.query}")
    assert (first.status_code, first.location) == (303, "/account/password/reset")
    page = reader.get(first.location)
    assert token_in(app, ANN) not in page.text
    assert 'name="code"' not in page.text
    done = reader.post(first.location, data={"password": NEW}, headers=OURS)
    assert (done.status_code, done.location) == (303, "/account/login")
    assert log_in(app.test_client(), password=NEW).status_code == 200


def test_a_dead_link_says_so_and_lets_one_ask_anew(app):
    registered(app)
    ask(app.test_client())
    token = token_in(app, ANN)
    reset(app.test_client(), token=token)
    reader = app.test_client()
    page = reader.get(f"/account/password/reset?token={token}", follow_redirects=True)
    assert page.request.path == "/account/password/forgot"
    assert "Ask for a new one" in page.text
    assert reader.get("/account/password/reset").status_code == 200, "the browser has put the dead link away"


@pytest.mark.flaw(25)
def test_of_parallel_resets_by_one_link_exactly_one_wins(every_app):
    registered(every_app)
    ask(every_app.test_client())
    token = token_in(every_app, ANN)
    words = ["first horse battery staple", "second horse battery staple", "third horse battery staple"]
    answers = together(3, lambda n: reset(every_app.test_client(), words[n], token=token).status_code)
    assert sorted(answers) == [204, 410, 410]
    assert log_in(every_app.test_client(), password=words[answers.index(204)]).status_code == 200


@pytest.mark.flaw(11, 45)
@pytest.mark.parametrize("code", [None, "", " ", "-", "\u2013", "AAAA-AAAA"])
def test_no_code_at_all_tells_nothing_about_the_address(app, code):
    registered(app)
    answers = []
    for email in (ANN, "nobody@example.test"):
        browser = app.test_client()
        ask(browser, email)
        answers.append(reset(browser, code=code))
    assert {answer.status_code for answer in answers} == {422}
    assert answers[0].data == answers[1].data


@pytest.mark.flaw(24, 28)
def test_an_old_mailbox_resets_nothing_after_the_address_has_changed(every_app):
    registered(every_app)
    ask(every_app.test_client())
    token = token_in(every_app, ANN)
    house = every_app.extensions["housekey"].house
    with every_app.app_context():
        session = house.store.database.host_session()
        session.query(house.store.user_model).filter_by(email=ANN).one().email = "new@example.test"
        session.commit()
    assert reset(every_app.test_client(), token=token).status_code == 410
    assert log_in(every_app.test_client(), "new@example.test").status_code == 200


def test_a_link_that_a_change_has_ended_withholds_no_new_one(app):
    owner = registered(app)
    ask(app.test_client())
    changed = owner.post("/account/api/password/change", json={"current": PASSWORD, "new": NEW})
    assert changed.status_code == 204
    ask(app.test_client())
    assert reset(app.test_client(), "a third horse battery staple", token=token_in(app, ANN)).status_code == 204


@pytest.mark.flaw(44)
@pytest.mark.parametrize("call", [ask, lambda client: reset(client, token="x" * 43)])
def test_where_it_is_switched_off_neither_face_does_it(call):
    app = small_app(HOUSEKEY_RECOVERY_OPEN=False)
    registered(app)
    assert call(app.test_client()).status_code == 403
    assert app.test_client().get("/account/password/forgot").status_code == 403
    assert "password/forgot" not in app.test_client().get("/account/login").text
    assert len(Mailbox(app)) == 0


@pytest.mark.flaw(50)
def test_a_disabled_user_gets_no_link_and_an_earlier_one_is_dead(app):
    registered(app)
    ask(app.test_client())
    token = token_in(app, ANN)
    assert operator(app, "users", "disable", ANN).exit_code == 0
    assert reset(app.test_client(), token=token).status_code == 410
    with clock.stopped() as time:
        time.forward(timedelta(minutes=11))
        assert ask(app.test_client()).status_code == 202
    assert len(Mailbox(app)) == 1


def test_a_reset_opens_a_lock(app):
    registered(app)
    stranger = app.test_client()
    for _ in range(6):
        log_in(stranger, password="wrong")
    assert log_in(stranger).status_code == 401
    ask(stranger)
    reset(stranger, token=token_in(app, ANN))
    assert log_in(stranger, password=NEW).status_code == 200


def test_a_reset_proves_the_address(app):
    registered(app)
    ask(app.test_client())
    reset(app.test_client(), token=token_in(app, ANN))
    browser = app.test_client()
    log_in(browser, password=NEW)
    assert '"email_verified_at": "2' in operator(app, "users", "show", ANN, "--json").output


def test_a_forgotten_username_comes_by_mail():
    app = small_app(HOUSEKEY_REGISTRATION_USERNAME="required")
    registered(app, username="annika")
    assert app.test_client().post("/account/username/forgot", data={"email": ANN}, headers=OURS).status_code == 303
    assert "annika" in Mailbox(app).last(to=ANN).text


@pytest.mark.flaw(60)
def test_a_mail_to_an_address_that_nobody_has_confirmed_holds_no_username_that_a_stranger_has_typed():
    app = small_app(HOUSEKEY_REGISTRATION_VERIFICATION="grace", HOUSEKEY_REGISTRATION_USERNAME="required")
    stranger = registered(app, username="visit-evil.test")
    code = code_in(app, ANN)
    stranger.post("/account/api/username/forgot", json={"email": ANN})
    mail = Mailbox(app).last(to=ANN)
    assert "Nobody has confirmed this address" in mail.text
    assert "evil" not in mail.text + mail.html + mail.subject
    assert stranger.post("/account/api/email/verify", json={"code": code}).status_code == 204
    stranger.post("/account/api/username/forgot", json={"email": ANN})
    assert "visit-evil.test" in Mailbox(app).last(to=ANN).text, "it is the owner's now"
