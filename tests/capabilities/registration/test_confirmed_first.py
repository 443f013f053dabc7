"""Where addresses are confirmed first: no account before the mail is read, and nobody learns who has one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from housekey.capabilities.registration.settings import RegistrationSettings
from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, small_app
from rig.hosts import COMPANY, host_app
from rig.mailed import OURS, code_in, operator, token_in
from rig.threads import together

ANN = "ann@example.test"
OTHER = "another horse battery staple"


def app_on(url="sqlite://", **settings):
    return small_app(url, **{"HOUSEKEY_REGISTRATION_VERIFICATION": "required"} | settings)


@pytest.fixture
def app():
    return app_on()


@pytest.fixture
def every_app(database_url):
    return app_on(database_url)


def register(client, email=ANN, **more):
    return client.post("/account/api/register", json={"email": email, "password": PASSWORD} | more)


def confirm(client, **shown):
    return client.post("/account/api/register/confirm", json=shown)


def finish(client, token, password=OTHER, **more):
    return client.post("/account/api/register/finish", json={"token": token, "password": password, **more})


def with_account(app, email=ANN, **more):
    browser = app.test_client()
    assert register(browser, email, **more).status_code == 202
    assert confirm(browser, token=token_in(app, email)).status_code == 201
    return browser


def test_it_is_the_default():
    assert RegistrationSettings().verification == "required"


def test_there_is_no_account_until_the_mail_is_read(every_app):
    browser = every_app.test_client()
    answer = register(browser)
    assert (answer.status_code, answer.json) == (202, {"challenge": {"type": "email_verification", "details": {}}})
    assert log_in(every_app.test_client()).status_code == 401
    done = confirm(browser, token=token_in(every_app, ANN))
    assert (done.status_code, done.json["user"]["email"]) == (201, ANN)
    assert browser.get("/private").status_code == 200
    assert log_in(every_app.test_client()).status_code == 200
    assert '"email_verified_at": "2' in operator(every_app, "users", "show", ANN, "--json").output


def test_the_code_does_in_the_browser_that_registered(app):
    browser, other = app.test_client(), app.test_client()
    register(browser)
    code = code_in(app, ANN)
    assert confirm(other, code=code).json["fields"]["code"][0]["code"] == "wrong_code"
    assert confirm(browser, code=code).status_code == 201


@pytest.mark.flaw(11)
@pytest.mark.asvs("6.3.8")
def test_a_taken_address_gets_the_answer_of_a_free_one_and_its_owner_a_mail(app):
    with_account(app)
    free, taken = register(app.test_client(), "bea@example.test"), register(app.test_client())
    assert (free.status_code, free.data) == (taken.status_code, taken.data)
    assert sorted(free.headers.keys()) == sorted(taken.headers.keys())
    assert "already" in Mailbox(app).last(to=ANN).subject
    assert "token=" not in Mailbox(app).last(to=ANN).text


@pytest.mark.flaw(11, 45)
@pytest.mark.parametrize("code", [None, "", "-"])
def test_no_code_at_all_tells_nothing_about_the_address(app, code):
    with_account(app)
    answers = []
    for email in ("free@example.test", ANN):
        browser = app.test_client()
        with clock.stopped() as time:
            time.forward(timedelta(minutes=11))
            register(browser, email)
            answers.append(confirm(browser, code=code))
    assert {answer.status_code for answer in answers} == {422}
    assert answers[0].data == answers[1].data


@pytest.mark.flaw(27)
def test_a_password_typed_in_another_browser_never_opens_the_account(every_app):
    stranger, owner = every_app.test_client(), every_app.test_client()
    register(stranger, name="Stranger")
    token = token_in(every_app, ANN)
    refused = confirm(owner, token=token)
    assert refused.json["fields"]["password"][0]["code"] == "another_browser"
    done = finish(owner, token)
    assert (done.status_code, done.json["user"]["name"]) == (201, "ann")
    assert log_in(every_app.test_client()).status_code == 401
    assert log_in(every_app.test_client(), password=OTHER).status_code == 200
    assert confirm(stranger, token=token).status_code == 410


@pytest.mark.flaw(27)
@pytest.mark.parametrize("minutes", [1, 11])
def test_what_was_typed_last_in_a_browser_holds_whichever_mail_is_opened(every_app, minutes):
    """Somebody who sat there before has registered the owner's address with a password of theirs. The mail of that is
    in the owner's mailbox, and no further one follows within the pause."""
    with clock.stopped() as time:
        shared = every_app.test_client()
        register(shared, name="Stranger")
        first = token_in(every_app, ANN)
        time.forward(timedelta(minutes=minutes))
        register(shared, password=OTHER, name="Ann")
        done = confirm(shared, token=first)
        assert (done.status_code, done.json["user"]["name"]) == (201, "Ann")
        assert log_in(every_app.test_client()).status_code == 401
        assert log_in(every_app.test_client(), password=OTHER).status_code == 200


@pytest.mark.flaw(60)
def test_the_mail_holds_nothing_that_was_typed(app):
    app = app_on(HOUSEKEY_REGISTRATION_USERNAME="optional")
    register(app.test_client(), name="Click http://evil.test", username="evil-test")
    mail = Mailbox(app).last(to=ANN)
    assert "evil" not in mail.text + mail.html + mail.subject


def test_a_username_is_not_held_while_its_mail_waits(app):
    app = app_on(HOUSEKEY_REGISTRATION_USERNAME="required")
    first, second = app.test_client(), app.test_client()
    register(first, username="annika")
    assert register(second, "bea@example.test", username="annika").status_code == 202
    assert confirm(second, token=token_in(app, "bea@example.test")).status_code == 201
    late = confirm(first, token=token_in(app, ANN))
    assert (late.status_code, late.json["fields"]["username"][0]["code"]) == (422, "username_taken")
    assert finish(first, token_in(app, ANN), username="annika2").status_code == 201, "the link was not spent"


@pytest.mark.flaw(25)
def test_of_parallel_confirmations_one_makes_the_account(every_app):
    browser = every_app.test_client()
    register(browser)
    token = token_in(every_app, ANN)

    def one(number):
        other = every_app.test_client()
        return finish(other, token, f"{number} horse battery staple for good").status_code

    assert sorted(together(4, one)) == [201, 410, 410, 410]


@pytest.mark.flaw(24)
def test_registering_again_and_again_sends_one_mail_in_ten_minutes(app):
    with clock.stopped() as time:
        browser = app.test_client()
        for _ in range(4):
            assert register(browser).status_code == 202
        assert len(Mailbox(app)) == 1
        time.forward(timedelta(minutes=11))
        assert browser.post("/account/api/register/again", json={"email": ANN}).status_code == 202
        assert len(Mailbox(app)) == 2
        assert confirm(browser, code=code_in(app, ANN)).status_code == 201


@pytest.mark.parametrize("typed", ["Ann@Example.test", "ann@EXAMPLE.test", " ANN@example.test"])
def test_it_is_sent_again_however_the_address_is_written_this_time(app, typed):
    with clock.stopped() as time:
        browser = app.test_client()
        register(browser, "Ann@Example.test")
        time.forward(timedelta(minutes=11))
        assert browser.post("/account/api/register/again", json={"email": typed}).status_code == 202
        assert [mail.to for mail in Mailbox(app).messages] == ["Ann@example.test"] * 2
        assert confirm(browser, code=code_in(app, "Ann@example.test")).status_code == 201


def test_nobody_else_has_the_mail_sent_again_with_something_in_it(app):
    with clock.stopped() as time:
        register(app.test_client())
        time.forward(timedelta(minutes=11))
        app.test_client().post("/account/api/register/again", json={"email": ANN})
        assert len(Mailbox(app)) == 1


@pytest.mark.flaw(24)
@pytest.mark.parametrize("owner", ["newcomer", "has an account"])
def test_a_stranger_who_asks_for_the_mail_again_keeps_it_from_nobody(every_app, owner):
    if owner == "has an account":
        with_account(every_app)
    with clock.stopped() as time:
        time.forward(timedelta(days=1))
        before = len(Mailbox(every_app).to(ANN))
        for _ in range(4):
            every_app.test_client().post("/account/api/register/again", json={"email": ANN})
            time.forward(timedelta(minutes=11))
        every_app.test_client().post("/account/api/register/again", json={"email": ANN})
        assert len(Mailbox(every_app).to(ANN)) == before
        assert register(every_app.test_client()).status_code == 202
        assert len(Mailbox(every_app).to(ANN)) == before + 1


@pytest.mark.flaw(24)
def test_once_the_account_that_had_the_address_is_gone_its_owner_registers_anew_at_once(every_app):
    with_account(every_app)
    with clock.stopped() as time:
        for _ in range(3):
            register(every_app.test_client())
            time.forward(timedelta(minutes=11))
        assert operator(every_app, "users", "delete", ANN, "--yes").exit_code == 0
        owner = every_app.test_client()
        register(owner)
        assert confirm(owner, token=token_in(every_app, ANN)).status_code == 201


@pytest.mark.flaw(44)
def test_a_link_makes_no_account_after_registration_was_closed(app):
    browser = app.test_client()
    register(browser)
    token = token_in(app, ANN)
    house = app.extensions["housekey"].house
    app.config["HOUSEKEY_REGISTRATION_OPEN"] = False
    house.settings = app.accounts._load_settings(app)
    assert confirm(browser, token=token).status_code == 403
    assert finish(app.test_client(), token).status_code == 403


@pytest.mark.flaw(22, 23)
def test_by_the_pages_in_the_same_browser_and_in_another(app):
    browser = app.test_client()
    sent = browser.post("/account/register", data={"email": ANN, "password": PASSWORD}, headers=OURS)
    assert (sent.status_code, sent.location) == (303, "/account/register/confirm")
    token = token_in(app, ANN)
    for _ in range(2):
        page = browser.get(f"/account/register/confirm?token={token}", follow_redirects=True)
        assert "Confirm and log in" in page.text
        assert token not in page.text
    elsewhere = app.test_client().get(f"/account/register/confirm?token={token}", follow_redirects=True)
    assert elsewhere.request.path == "/account/register/finish"
    assert browser.post("/account/register/confirm", headers=OURS).status_code == 303
    assert browser.get("/private").status_code == 200


def test_the_fields_of_the_host_wait_for_the_mail_too():
    app = host_app(HOUSEKEY_REGISTRATION_VERIFICATION="required")
    browser = app.test_client()
    wanted = {**COMPANY, "born": "1999-12-31", "size": "large"}
    assert register(browser, **wanted).status_code == 202
    made = confirm(browser, token=token_in(app, ANN)).json["user"]
    assert {name: made["profile"][name] for name in wanted} == wanted
