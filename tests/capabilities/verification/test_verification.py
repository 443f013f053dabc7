"""An address is confirmed by whoever reads its mail, and an account that somebody else began becomes theirs alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from housekey.kernel import clock
from housekey.testing import make_user
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import OURS, code_in, operator, token_in
from rig.threads import together

ANN = "ann@example.test"
NEW = "another horse battery staple"


@pytest.fixture
def app():
    return small_app(HOUSEKEY_REGISTRATION_VERIFICATION="grace")


@pytest.fixture
def every_app(database_url):
    return small_app(database_url, HOUSEKEY_REGISTRATION_VERIFICATION="grace")


@pytest.fixture
def strict():
    return small_app(HOUSEKEY_VERIFICATION_REQUIRED=True)


def verify(client, **shown):
    return client.post("/account/api/email/verify", json=shown)


def is_confirmed(app, email=ANN):
    return '"email_verified_at": "2' in operator(app, "users", "show", email, "--json").output


def test_with_grace_one_is_in_at_once_and_confirms_later(every_app):
    owner = registered(every_app)
    assert owner.get("/private").status_code == 200
    assert not is_confirmed(every_app)
    assert verify(owner, token=token_in(every_app, ANN)).status_code == 204
    assert is_confirmed(every_app)
    assert owner.get("/private").status_code == 200, "the session of whoever began it goes on"


def test_the_code_does_too(app):
    owner = registered(app)
    assert verify(owner, code=code_in(app, ANN)).status_code == 204
    assert is_confirmed(app)


@pytest.mark.flaw(27)
def test_the_owner_of_an_address_takes_over_what_a_stranger_began(every_app):
    stranger = registered(every_app)
    owner, token = every_app.test_client(), token_in(every_app, ANN)
    assert verify(owner, token=token).json["fields"]["password"][0]["code"] == "missing"
    assert verify(owner, token=token, password=NEW).status_code == 204
    assert stranger.get("/private").status_code == 302
    assert log_in(every_app.test_client(), password=PASSWORD).status_code == 401
    assert log_in(every_app.test_client(), password=NEW).status_code == 200
    assert is_confirmed(every_app)


@pytest.mark.flaw(24, 27)
def test_once_an_address_is_confirmed_by_another_mail_its_link_takes_nothing_over():
    app = small_app(HOUSEKEY_REGISTRATION_VERIFICATION="grace", HOUSEKEY_MAILED_LOGIN_OPEN=True)
    owner, token = registered(app), token_in(app, ANN)
    owner.post("/account/api/logout")
    owner.post("/account/api/login/mail", json={"email": ANN})
    assert owner.post("/account/api/login/mail/confirm", json={"code": code_in(app, ANN)}).status_code == 200
    assert is_confirmed(app)
    assert verify(app.test_client(), token=token, password=NEW).status_code == 410
    assert owner.get("/private").status_code == 200
    assert log_in(app.test_client(), password=PASSWORD).status_code == 200


@pytest.mark.flaw(27)
def test_whoever_was_taken_over_proves_nothing_with_the_password_of_before(app):
    registered(app)
    assert verify(app.test_client(), token=token_in(app, ANN), password=NEW).status_code == 204
    undo = token_in(app, ANN)
    assert app.test_client().post("/account/api/undo/freeze", json={"token": undo}).status_code == 204
    theirs = {"token": undo, "password": PASSWORD, "new": "a fourth horse battery staple"}
    assert app.test_client().post("/account/api/undo/restore", json=theirs).status_code in (401, 422)
    assert log_in(app.test_client(), password=theirs["new"]).status_code == 401


@pytest.mark.flaw(34)
def test_being_logged_in_to_another_account_confirms_nothing(app):
    registered(app)
    token = token_in(app, ANN)
    bea = registered(app, "bea@example.test")
    assert verify(bea, token=token).status_code == 422
    assert not is_confirmed(app)


def test_a_shut_account_is_taken_over_by_nobody(app):
    registered(app)
    token = token_in(app, ANN)
    operator(app, "users", "disable", ANN)
    assert verify(app.test_client(), token=token, password=NEW).status_code == 410


def test_an_unfit_password_spends_nothing(app):
    registered(app)
    owner, token = app.test_client(), token_in(app, ANN)
    assert verify(owner, token=token, password="short").status_code == 422
    assert verify(owner, token=token, password=NEW).status_code == 204


@pytest.mark.flaw(25)
def test_of_parallel_takeovers_one_wins(every_app):
    registered(every_app)
    token = token_in(every_app, ANN)
    words = [f"{number} horse battery staple for me" for number in range(3)]
    answers = together(3, lambda n: verify(every_app.test_client(), token=token, password=words[n]).status_code)
    assert sorted(answers) == [204, 410, 410]
    assert log_in(every_app.test_client(), password=words[answers.index(204)]).status_code == 200


def test_the_mail_can_be_asked_for_again_and_floods_nobody(app):
    with clock.stopped() as time:
        owner = registered(app)
        send = "/account/api/email/verify/send"
        assert owner.post(send).status_code == 202
        assert len(Mailbox(app)) == 1
        time.forward(timedelta(minutes=11))
        assert owner.post(send).status_code == 202
        assert len(Mailbox(app)) == 2
        verify(owner, token=token_in(app, ANN))
        time.forward(timedelta(minutes=11))
        assert owner.post(send).status_code == 202
        assert len(Mailbox(app)) == 2, "a confirmed address gets none"
    assert app.test_client().post(send).status_code == 401


def test_a_network_whose_share_of_such_mails_is_spent_leaves_no_account_half_made():
    app = small_app(HOUSEKEY_REGISTRATION_VERIFICATION="grace", HOUSEKEY_THROTTLING_NETWORK_REQUESTS=2)
    ann = registered(app)
    for _ in range(2):
        ann.post("/account/api/email/verify/send")
    bea = registered(app, "bea@example.test")
    assert bea.get("/private").status_code == 200
    assert verify(bea, token=token_in(app, "bea@example.test")).status_code == 204


def test_whom_the_host_has_made_gets_in_and_is_asked(app):
    make_user(app, email="hosts@example.test", password=PASSWORD)
    browser = app.test_client()
    assert log_in(browser, "hosts@example.test").status_code == 200


def test_where_it_is_required_the_login_waits_for_it(strict):
    registered_there = strict.test_client()
    make_unconfirmed(strict)
    parked = log_in(registered_there)
    assert (parked.status_code, parked.json["challenge"]["type"]) == (202, "email_verification")
    assert registered_there.get("/private").status_code == 302
    assert registered_there.post("/account/api/login/email/send").status_code == 202
    wrong = registered_there.post("/account/api/login/email", json={"code": "AAAA-AAAA"})
    assert wrong.json["fields"]["code"][0]["code"] == "wrong_code"
    done = registered_there.post("/account/api/login/email", json={"code": code_in(strict, ANN)})
    assert (done.status_code, done.json["user"]["email"]) == (200, ANN)
    assert registered_there.get("/private").status_code == 200
    assert log_in(strict.test_client()).status_code == 200, "asked once"


def make_unconfirmed(app, email=ANN):
    """As `db.session.add(User(…))` of a host makes one."""
    house = app.extensions["housekey"].house
    with app.app_context():
        user = house.store.user_model(email=email, name="Ann")
        user.set_password(PASSWORD)
        session = house.store.database.host_session()
        session.add(user)
        session.commit()


@pytest.mark.flaw(30)
def test_the_mail_alone_opens_no_login_that_waits(strict):
    make_unconfirmed(strict)
    waiting, thief = strict.test_client(), strict.test_client()
    log_in(waiting)
    waiting.post("/account/api/login/email/send")
    code = code_in(strict, ANN)
    assert thief.post("/account/api/login/email", json={"code": code}).status_code == 401
    assert thief.get("/private").status_code == 302


@pytest.mark.flaw(34)
def test_the_code_of_one_person_moves_no_login_of_another(strict):
    make_unconfirmed(strict)
    make_unconfirmed(strict, "bea@example.test")
    browser = strict.test_client()
    log_in(browser, "bea@example.test")
    browser.post("/account/api/login/email/send")
    code = code_in(strict, "bea@example.test")
    log_in(browser, ANN)
    assert browser.post("/account/api/login/email", json={"code": code}).status_code == 410
    assert not is_confirmed(strict, "bea@example.test")


@pytest.mark.flaw(22, 23)
def test_by_the_pages(app):
    owner = registered(app)
    token = token_in(app, ANN)
    assert "isn&#39;t confirmed" in owner.get("/account/").text
    for _ in range(2):
        page = owner.get(f"/account/email/verify?token={token}", follow_redirects=True)
        assert token not in page.text
    assert not is_confirmed(app)
    assert owner.post("/account/email/verify", headers=OURS).location == "/account/"
    assert is_confirmed(app)
    dead = app.test_client().get(f"/account/email/verify?token={token}", follow_redirects=True)
    assert dead.status_code in (200, 401, 410)


def test_a_login_that_waits_goes_on_by_the_pages(strict):
    make_unconfirmed(strict)
    browser = strict.test_client()
    form = {"identifier": ANN, "password": PASSWORD, "next": "/private"}
    sent = browser.post("/account/login", data=form, headers=OURS)
    assert sent.location == "/account/login/email"
    assert ANN in browser.get(sent.location).text
    assert browser.post("/account/login/email/send", headers=OURS).status_code == 303
    done = browser.post("/account/login/email", data={"code": code_in(strict, ANN)}, headers=OURS)
    assert done.location == "/private"
