"""What must not happen to whoever has a second factor (flaws 30 to 39, 57 and 59), on both faces."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations

import flask_login
import pytest
from flask_login.utils import encode_cookie

from attacks.faces import ANN, BOB, NEW_PASSWORD, cookie_name, disable, rows, token, who, with_token
from housekey import login
from housekey.capabilities.links import actions as links
from housekey.errors import InvalidCredentials
from housekey.kernel import clock
from housekey.login import Kind, Proof
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import CODE, token_in
from rig.people import house_of, id_of
from rig.phones import Phone, answer, logged_in_with, with_phone

STEP = timedelta(seconds=30)


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def phone(app, time) -> Phone:
    """Ann's; Bob has none."""
    registered(app, BOB)
    return with_phone(registered(app))


@pytest.fixture
def data_phone(data_app, time) -> Phone:
    return with_phone(registered(data_app))


def attempt_cookie(app):
    return app.extensions["housekey"].cookies.attempt


def half_in(app, face):
    """A browser that has shown the password."""
    client = app.test_client()
    face.log_in(client)
    assert client.get_cookie(attempt_cookie(app)) is not None
    return client


def holding(app, client):
    """A thief's browser with what a half-finished login's browser holds."""
    thief = app.test_client()
    thief.set_cookie(attempt_cookie(app), client.get_cookie(attempt_cookie(app)).value)
    return thief


@pytest.mark.flaw(30)
@pytest.mark.asvs("6.3.3")
def test_nothing_that_grants_anything_exists_before_the_second_step(app, phone, face):
    before = rows(app, "sessions", "devices")
    client = half_in(app, face)
    assert rows(app, "sessions", "devices") == before
    assert client.get_cookie(cookie_name(app)) is None
    assert who(client) is None
    assert who(with_token(app, client.get_cookie(attempt_cookie(app)).value)) is None
    assert face.prove_more(client, phone.code()).done
    assert who(client) == "ann"


@pytest.mark.flaw(31)
def test_a_hosts_own_login_asks_for_it(time):
    app = small_app()
    database = house_of(app).store

    @app.post("/own-login")
    def own_login():
        flask_login.login_user(database.database.host_session().get(database.user_model, id_of(app)))
        return "in"

    with_phone(registered(app))
    client = app.test_client()
    assert client.post("/own-login").location == "/account/login/challenge"
    assert client.post("/own-login", headers={"Accept": "application/json"}).status_code == 202
    assert who(client) is None
    assert client.get("/account/login/challenge").status_code == 200


@pytest.mark.flaw(31)
def test_an_old_cookie_of_flask_logins_asks_for_it(time):
    app = small_app(HOUSEKEY_LOGIN_BRIDGE_UNTIL=date(2100, 1, 1))
    with_phone(registered(app))
    with house_of(app).write() as unit:  # as if she had been here before Housekey
        unit.execute(unit.tables["accounts"].update().values(security_version=0))
    client = app.test_client()
    with app.app_context():
        client.set_cookie("remember_token", encode_cookie(str(id_of(app)), key=app.secret_key))
    assert client.get("/private").location == "/account/login/challenge"
    assert client.get_cookie(cookie_name(app)) is None


@pytest.mark.flaw(26, 31)
@pytest.mark.asvs("6.4.3")
def test_a_forgotten_password_does_not_skip_it(app, phone, face, time):
    stranger = app.test_client()
    time.forward(STEP)
    stranger.post("/account/api/password/forgot", json={"email": ANN})
    shown = {"token": token_in(app, ANN), "password": NEW_PASSWORD}
    assert stranger.post("/account/api/password/reset", json=shown).status_code == 204
    assert who(stranger) is None
    face.log_in(stranger, password=NEW_PASSWORD)
    assert who(stranger) is None
    assert face.prove_more(stranger, phone.code()).done


@pytest.mark.flaw(32)
@pytest.mark.asvs("6.5.1")
def test_a_code_works_once(app, phone, face):
    assert face.prove_more(half_in(app, face), phone.code()).done
    assert not face.prove_more(half_in(app, face), phone.code()).done
    assert not face.prove_more(half_in(app, face), phone.code(-1)).done, "nor does an older one after it"


@pytest.mark.flaw(32)
@pytest.mark.asvs("6.5.1", "15.4.2")
def test_of_two_who_show_one_code_in_the_same_moment_one_gets_in(data_app, data_phone, face, together):
    both = [half_in(data_app, face) for _ in range(2)]
    done = [each.done for each in together(2, lambda n: face.prove_more(both[n], data_phone.code()))]
    assert sorted(done) == [False, True]
    assert [who(browser) is not None for browser in both] == done


@pytest.mark.flaw(33)
def test_the_last_step_first_opens_nothing(app, phone, face):
    client = app.test_client()
    assert face.prove_more(client, phone.code()).status in (401, 303)
    assert who(client) is None
    face.log_in(client, password="wrong")
    assert not face.prove_more(client, phone.code()).done
    assert who(client) is None


@pytest.mark.flaw(33)
@pytest.mark.asvs("2.3.1")
def test_starting_over_going_back_and_reloading_skip_nothing(app, phone, face):
    client = half_in(app, face)
    client.get("/account/login/challenge")
    client.get("/account/login")
    face.log_in(client)
    assert who(client) is None
    assert client.delete("/account/api/login/challenge").status_code == 204
    assert not face.prove_more(client, phone.code()).done
    face.log_in(client)
    assert who(client) is None
    assert face.prove_more(client, phone.code()).done


@pytest.mark.flaw(33)
def test_starting_over_ends_the_attempt_on_the_server(app, phone, face):
    client = half_in(app, face)
    thief = holding(app, client)
    if face.name == "page":
        face.send(client, "login/challenge/end")
    else:
        client.delete("/account/api/login/challenge")
    assert not face.prove_more(thief, phone.code()).done


@pytest.mark.flaw(33)
def test_a_method_that_is_not_ones_own_opens_nothing(app, phone, face):
    client = half_in(app, face)
    for method in ("pwd", "host", "recovery_code", "", "otp\0"):
        assert not face.prove_more(client, phone.code(), method).done
    assert who(client) is None


@pytest.mark.flaw(34)
def test_nobody_elses_code_does(app, phone, face):
    bobs = with_phone(face.logged_in(app, BOB))
    assert not face.prove_more(half_in(app, face), bobs.code()).done
    assert not face.reauthenticate(half_in(app, face)).done


@pytest.mark.flaw(34)
def test_a_proof_of_another_user_ends_a_parked_login_for_good(app, phone, face):
    client, house = half_in(app, face), house_of(app)
    held = client.get_cookie(attempt_cookie(app)).value
    attempt = login.resume(house, login.Client(), held)
    with pytest.raises(InvalidCredentials):
        login.prove(house, attempt, "otp", lambda _: Proof(id_of(app, BOB), "otp", Kind.POSSESSION, clock.now()))
    assert login.resume(house, login.Client(), held) is None
    assert not face.prove_more(client, phone.code()).done


@pytest.mark.flaw(35)
def test_no_password_waits_between_the_steps(app, phone, face):
    half_in(app, face)
    house = house_of(app)
    with house.read() as connection:
        told = str(connection.execute(house.store.tables["attempts"].select()).mappings().all())
    assert PASSWORD not in told


@pytest.mark.flaw(38)
def test_logout_leaves_no_half_finished_login_behind(app, phone, face):
    client = half_in(app, face)
    thief = holding(app, client)
    face.log_out(client)
    assert not face.prove_more(client, phone.code()).done
    assert not face.prove_more(thief, phone.code()).done


@pytest.mark.flaw(56)
def test_who_is_disabled_between_the_steps_stays_out(app, phone, face):
    client = half_in(app, face)
    disable(app)
    assert not face.prove_more(client, phone.code()).done
    assert who(client) is None


@pytest.mark.flaw(13, 57)
@pytest.mark.asvs("6.3.1")
def test_a_known_password_clears_no_count_of_wrong_codes(app, phone, face):
    for tries in (3, 2):
        client = half_in(app, face)
        for _try in range(tries):
            face.prove_more(client, "000000")
    answer = face.prove_more(half_in(app, face), phone.code())
    assert not answer.done, "locked: the right code is refused like a wrong one"


@pytest.mark.flaw(26, 57)
@pytest.mark.asvs("6.3.1", "6.4.3")
def test_a_password_reset_by_mail_clears_no_count_of_wrong_codes(app, phone, face, time):
    """Else whoever reads the mailbox has tries without end: five codes, a reset, five more."""
    client = half_in(app, face)
    for _ in range(5):
        face.prove_more(client, "000000")
    time.forward(STEP)
    stranger = app.test_client()
    stranger.post("/account/api/password/forgot", json={"email": ANN})
    shown = {"token": token_in(app, ANN), "password": NEW_PASSWORD}
    assert stranger.post("/account/api/password/reset", json=shown).status_code == 204
    face.log_in(stranger, password=NEW_PASSWORD)
    assert not face.prove_more(stranger, phone.code()).done
    assert who(stranger) is None


@pytest.mark.flaw(57, 58)
def test_a_locked_code_is_answered_like_a_wrong_one(app, phone, face):
    client = half_in(app, face)
    answers = [face.prove_more(client, code) for code in ["000000"] * 5 + [phone.code()]]
    assert {answer.status for answer in answers} == {401}
    assert len({answer.response.get_data() for answer in answers}) <= (1 if face.name == "json" else 6)


@pytest.mark.flaw(57)
def test_wrong_codes_lock_no_browser_that_the_account_knows(app, phone, face, time):
    known = half_in(app, face)
    assert face.prove_more(known, phone.code()).done
    face.log_out(known)
    time.forward(STEP)
    stranger = half_in(app, face)
    for _try in range(6):
        face.prove_more(stranger, "000000")
    face.log_in(known)
    assert face.prove_more(known, phone.code()).done


@pytest.mark.flaw(59)
@pytest.mark.asvs("7.2.4")
def test_a_token_from_before_the_proof_is_dead_after_it(app, phone, face):
    client = half_in(app, face)
    thief = holding(app, client)
    assert face.prove_more(client, phone.code()).done
    time_passes = phone.code(1)
    assert not face.prove_more(thief, time_passes).done
    assert who(thief) is None


@pytest.mark.flaw(59)
def test_a_login_that_began_before_there_was_a_factor_does_not_end_without_it(app, face, time):
    """Between the password's check and the session's opening, the owner adds the first factor elsewhere."""
    owner, house = registered(app), house_of(app)
    attempt = login.begin(house, login.Client(), identifier=ANN)
    proved = attempt.with_proof(Proof(id_of(app), "pwd", Kind.KNOWLEDGE, clock.now()))
    real = login.pipeline.first_challenge
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(login.pipeline, "first_challenge", lambda *given: (real(*given), with_phone(owner))[0])
        with pytest.raises(InvalidCredentials):
            login.advance(house, proved)
    assert token(app, owner) is not None


@pytest.mark.flaw(30)
def test_changing_the_password_asks_for_it_and_then_goes_on(app, phone, face, time):
    client = half_in(app, face)
    assert face.prove_more(client, phone.code()).done
    time.forward(timedelta(minutes=20))
    answer = face.change_password(client)
    assert not answer.done
    assert log_in(app.test_client()).status_code == 202, "the old password is the password still"
    assert face.prove_more(client, phone.code()).done
    assert face.change_password(client).done, "now it is done at once"
    assert log_in(app.test_client(), password=NEW_PASSWORD).status_code == 202


@pytest.mark.flaw(31)
@pytest.mark.parametrize("method", ["host", "pwd", "bridge", "link"])
def test_whatever_comes_first_the_second_step_follows(app, phone, method):
    house = house_of(app)
    outcome = login.vouch(house, login.Client(), id_of(app), method=method, channel="mail" if method == "link" else "")
    assert isinstance(outcome, login.Parked)
    assert outcome.challenge.details["methods"] == ["otp", "recovery_code"]


@pytest.mark.flaw(14, 57)
def test_guesses_that_lock_burn_none_of_the_owners_recovery_codes(app, phone, face):
    codes = logged_in_with(app, phone).post("/account/api/recovery-codes").json["codes"]
    thief = half_in(app, face)
    for _ in range(8):
        answer(thief, "0000-0000-0000-0000", "recovery_code")
    owner = half_in(app, face)
    assert answer(owner, codes[0], "recovery_code").status_code == 401
    spent = house_of(app).store.tables["recovery_codes"].c.spent_at
    with house_of(app).read() as connection:
        assert connection.execute(spent.table.select().where(spent.is_not(None))).all() == []


@pytest.mark.flaw(30, 33, 37, 59)
@pytest.mark.asvs("6.3.3")
@pytest.mark.parametrize("order", list(permutations(["email", "otp", "again"])), ids=".".join)
def test_no_order_of_steps_sets_up_a_factor_that_is_owed_without_the_mail(time, face, order):
    """A thief has the password, and begins again at will; the mail goes to the owner."""
    app = small_app(HOUSEKEY_FACTORS_REQUIRED_FOR="everybody", HOUSEKEY_REGISTRATION_VERIFICATION="off")
    owner, thief = app.test_client(), app.test_client()
    face.register(owner)
    face.log_in(thief)
    for step in order:
        if step == "again":
            face.log_in(thief)
        assert not face.prove_more(thief, "AAAA-AAAA" if step == "email" else "000000", step).done
        asked = thief.get("/account/api/login/challenge").json["challenge"]["details"]
        assert asked == {"step": "mailed_code", "methods": ["email"]}, "no key is shown before the code"
    assert not face.prove_more(thief, code_in_one_of(app, owner), "email").done, "another login's code"
    assert rows(app, "sessions", "authenticator_apps") == 0
    assert who(thief) is None


def code_in_one_of(app, owner):
    """The code that was mailed for the owner's own login, which is still under way."""
    mails = [mail for mail in Mailbox(app).messages if "set up two-step login" in mail.subject]
    codes = [CODE.search(mail.text)[0] for mail in mails]
    house = house_of(app)
    held = owner.get_cookie(attempt_cookie(app)).value
    return next(code for code in codes if links.find_by_code(house, "factor_code", held, code))
