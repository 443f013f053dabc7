"""Whoever must have a second factor sets it up inside the login, and there is no session before."""

from __future__ import annotations

from datetime import timedelta

import flask_login
import pytest

from attacks.faces import ANN, FACES, cookie_name, rows
from housekey import login
from housekey.capabilities.factors.settings import FactorSettings
from housekey.capabilities.totp import first as first_app
from housekey.errors import ConfigurationError
from housekey.kernel import clock
from housekey.kernel.dates import Day
from housekey.login import Parked
from housekey.store import users
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import code_in
from rig.owing import SETTING, asked_for, step
from rig.people import grant, house_of, id_of, role
from rig.phones import Phone, answer, logged_in_with, with_phone
from rig.threads import together

BOB = "bob@example.test"
STEP = timedelta(seconds=30)


@pytest.fixture
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def app():
    """Its clock runs: of two mails of one moment none would be the latest."""
    return ready(small_app())


@pytest.fixture
def every_app(database_url):
    return ready(small_app(database_url))


@pytest.fixture(params=FACES, ids=str)
def face(request):
    return request.param


def ready(app, **settings):
    """Ann has an account from before the rule, which begins now."""
    registered(app)
    asked_for(app, **{SETTING: "everybody"} | settings)
    return app


def at_the_key(app, client=None, **login):
    """A browser that has shown the password and the mailed code, and its phone."""
    client = client or app.test_client()
    assert log_in(client, **login).status_code == 202
    assert answer(client, code_in(app, ANN), "email").status_code == 202
    return client, phone_in(client)


def phone_in(client):
    return Phone(step(client)["otp"]["secret"])


def is_in(client):
    return client.get("/private").status_code == 200


@pytest.mark.flaw(30, 33)
@pytest.mark.asvs("6.3.3")
def test_it_is_set_up_inside_the_login_with_no_session_before(every_app):
    before = rows(every_app, "sessions")
    client = every_app.test_client()
    asked = log_in(client)
    assert asked.status_code == 202
    details = {"step": "mailed_code", "methods": ["email"]}
    assert asked.json["challenge"] == {"type": "enrol_factor", "details": details}
    assert step(client) == details, "no key before the code"
    read = answer(client, code_in(every_app, ANN), "email")
    assert (read.status_code, read.json["challenge"]["details"]["methods"]) == (202, ["passkey", "otp"])
    assert not is_in(client)
    assert rows(every_app, "sessions") == before
    phone = phone_in(client)
    body = {"method": "otp", "code": phone.code(-1), "name": "My phone"}
    opened = client.post("/account/api/login/challenge", json=body)
    assert opened.status_code == 200, opened.text
    assert len(opened.json["recovery_codes"]) == 10
    assert opened.json["session"]["amr"] == ["pwd", "email", "otp", "mfa"]
    assert opened.json["session"]["aal"] == 2
    assert is_in(client)
    assert client.get("/account/api/factors").json["factors"][0]["name"] == "My phone"
    assert any("second step" in mail.subject for mail in Mailbox(every_app).messages)
    logged_in_with(every_app, phone)


def test_the_pages_do_the_same(app):
    client = app.test_client()
    ours = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    first = client.post("/account/login?next=/private", data={"identifier": ANN, "password": PASSWORD}, headers=ours)
    assert first.location == "/account/login/challenge"
    assert "Look at your mail" in client.get(first.location).text
    wrong = client.post(first.location, data={"method": "email", "code": "AAAA-AAAA"}, headers=ours)
    assert (wrong.status_code, "This code isn" in wrong.text) == (422, True)
    read = client.post(first.location, data={"method": "email", "code": code_in(app, ANN)}, headers=ours)
    assert read.location == "/account/login/challenge"
    assert "passkeys.js" in client.get(first.location).text, "the strongest is offered first"
    by_app = first.location + "?method=otp"
    page = client.get(by_app).text
    phone = phone_in(client)
    assert " ".join(phone.secret[at : at + 4] for at in range(0, 32, 4)) in page
    wrong = client.post(by_app, data={"method": "otp", "code": "000000"}, headers=ours)
    assert (wrong.status_code, "that we wait for" in wrong.text) == (422, True)
    assert not is_in(client)
    done = client.post(by_app, data={"method": "otp", "code": phone.code()}, headers=ours)
    assert (done.status_code, "Keep your recovery codes" in done.text) == (200, True)
    assert 'href="/"' in done.text
    assert is_in(client)


@pytest.mark.flaw(30)
def test_a_stolen_password_alone_binds_no_phone(app, face):
    client = app.test_client()
    face.log_in(client)
    for method, code in (("otp", "000000"), ("email", "AAAA-AAAA"), ("recovery_code", "x"), ("pwd", PASSWORD)):
        assert not face.prove_more(client, code, method).done
    assert rows(app, "authenticator_apps") == 0
    assert client.get("/account/api/totp").status_code in (401, 405)
    assert client.post("/account/api/totp").status_code == 401
    assert not is_in(client)


@pytest.mark.flaw(59)
@pytest.mark.asvs("6.6.2")
def test_the_mailed_code_works_in_its_own_login_alone(app):
    owner, thief = app.test_client(), app.test_client()
    assert log_in(owner).status_code == 202
    code = code_in(app, ANN)
    assert log_in(thief).status_code == 202
    assert answer(thief, code, "email").status_code == 422
    assert answer(app.test_client(), code, "email").status_code == 401
    assert answer(owner, code, "email").status_code == 202
    assert answer(owner, code, "email").status_code == 422, "it is no method any more"


@pytest.mark.flaw(59)
def test_a_token_from_before_a_step_is_dead_after_it(app):
    name = app.extensions["housekey"].cookies.attempt
    client, held = app.test_client(), []

    def keep():
        thief = app.test_client()
        thief.set_cookie(name, client.get_cookie(name).value)
        held.append(thief)

    log_in(client)
    keep()
    answer(client, code_in(app, ANN), "email")
    assert held[0].get("/account/api/login/challenge").status_code == 401, "while the login goes on"
    keep()
    phone = phone_in(client)
    assert answer(client, phone.code()).status_code == 200
    assert client.get_cookie(name) is None
    for thief in held:
        assert answer(thief, phone.code(1)).status_code == 401
        assert thief.get("/account/api/login/challenge").status_code == 401
        assert not is_in(thief)


@pytest.mark.flaw(33)
def test_restarting_and_going_back_lose_no_step(app, face):
    client, phone = at_the_key(app)
    assert face.log_in(client).done is False
    assert step(client)["step"] == "mailed_code", "a new login asks for a new code"
    assert not face.prove_more(client, phone.code()).done
    assert client.delete("/account/api/login/challenge").status_code == 204
    assert not face.prove_more(client, phone.code()).done
    assert not is_in(client)
    assert rows(app, "authenticator_apps") == 1, "which counts for nothing: no code has confirmed it"


def test_what_waits_too_long_is_over(app, time, face):
    client, phone = at_the_key(app)
    time.forward(timedelta(minutes=11))
    assert not face.prove_more(client, phone.code()).done
    assert client.get("/account/api/login/challenge").json["code"] == "login_expired"
    assert not is_in(client)


def test_who_is_disabled_between_the_steps_stays_out(app):
    client, phone = at_the_key(app)
    house_of(app).run(lambda unit: users.set_disabled(unit.session, unit.schema, id_of(app), True))
    assert answer(client, phone.code()).status_code in (401, 422)
    assert not is_in(client)


@pytest.mark.flaw(57)
def test_guesses_at_the_first_code_are_counted(app, face):
    client, phone = at_the_key(app)
    for _ in range(5):
        assert not face.prove_more(client, "000000").done
    assert not face.prove_more(client, phone.code()).done, "locked, as at every login"
    assert not is_in(client)


@pytest.mark.flaw(32)
@pytest.mark.asvs("15.4.2")
def test_of_two_who_finish_in_the_same_moment_one_gets_in(every_app):
    client, phone = at_the_key(every_app)
    name = every_app.extensions["housekey"].cookies.attempt
    both = [every_app.test_client() for _ in range(2)]
    for browser in both:
        browser.set_cookie(name, client.get_cookie(name).value)
    codes = sorted(together(2, lambda n: answer(both[n], phone.code()).status_code))
    assert codes[0] == 200
    assert codes[1] in (401, 422)
    assert sorted(map(is_in, both)) == [False, True]


@pytest.mark.flaw(33)
def test_two_logins_of_one_person_bind_one_phone(app):
    first, its_phone = at_the_key(app)
    second, other_phone = at_the_key(app)
    assert answer(first, its_phone.code()).status_code == 401, "begun again elsewhere: log in once more"
    assert answer(second, its_phone.code()).status_code == 422
    assert answer(second, other_phone.code()).status_code == 200
    assert not is_in(first)


@pytest.mark.flaw(33)
def test_of_two_logins_one_begins_in_the_very_moment_in_which_the_other_ends(every_app, monkeypatch):
    client, phone = at_the_key(every_app)
    prepare, others = first_app.prepare, []

    def meanwhile(*arguments):
        others.append(at_the_key(every_app))
        return prepare(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(first_app, "prepare", meanwhile)
        late = answer(client, phone.code())
    assert (late.status_code, late.json["code"]) == (401, "login_expired")
    assert not is_in(client)
    (other, its_phone), *_ = others
    assert answer(other, its_phone.code()).status_code == 200


@pytest.mark.flaw(31)
def test_a_hosts_own_login_goes_the_same_way(time):
    app = small_app()
    store = house_of(app).store

    @app.post("/own-login")
    def own_login():
        flask_login.login_user(store.database.host_session().get(store.user_model, id_of(app)))
        return "in"

    ready(app)
    client = app.test_client()
    assert client.post("/own-login").location == "/account/login/challenge"
    assert answer(client, code_in(app, ANN), "email").status_code == 202
    assert not is_in(client)
    assert answer(client, phone_in(client).code()).status_code == 200
    assert is_in(client)


def test_whoever_registers_sets_it_up_at_once(time):
    app = small_app(**{SETTING: "everybody"})
    client = app.test_client()
    assert client.post("/account/api/register", json={"email": ANN, "password": PASSWORD}).status_code == 202
    assert answer(client, code_in(app, ANN), "email").status_code == 202
    assert answer(client, phone_in(client).code()).status_code == 200


def test_whoever_has_just_confirmed_the_address_reads_no_second_mail(time):
    app = small_app(**{SETTING: "everybody", "HOUSEKEY_REGISTRATION_VERIFICATION": "required"})
    client = app.test_client()
    client.post("/account/api/register", json={"email": ANN, "password": PASSWORD})
    asked = client.post("/account/api/register/confirm", json={"code": code_in(app, ANN)})
    assert asked.status_code == 202, asked.text
    assert step(client)["step"] == "factor"


def test_where_nothing_can_be_mailed_the_first_proof_is_all_there_is(app):
    house_of(app).trying_out = lambda: False
    client = app.test_client()
    assert log_in(client).json["challenge"]["details"] == {"step": "factor", "methods": ["passkey", "otp"]}
    assert answer(client, phone_in(client).code()).status_code == 200


def test_a_session_that_is_open_stays_and_the_next_login_asks(time):
    app = small_app()
    client = registered(app)
    asked_for(app, **{SETTING: "everybody"})
    assert is_in(client)
    assert "asks you for one. Set it up now" in client.get("/account/").text
    assert client.post("/account/api/reauthenticate", json={"password": PASSWORD}).status_code == 200
    assert client.post("/account/api/factors/code").status_code == 204
    client.post("/account/api/factors/code/confirm", json={"code": code_in(app, ANN)})
    with_phone(client)
    assert log_in(app.test_client()).json["challenge"]["type"] == "second_factor"


def test_only_those_with_the_role_or_the_permission_are_asked(time):
    app = small_app(**{SETTING: ["role:editor", "permission:posts:publish"]})
    for email in (ANN, BOB, "cyd@example.test"):
        registered(app, email)
    role(app, "editor")
    role(app, "publisher", "posts:publish")
    grant(app, ANN, "editor")
    grant(app, BOB, "publisher")
    asked = [log_in(app.test_client(), email).status_code for email in (ANN, BOB, "cyd@example.test")]
    assert asked == [202, 202, 200]


def test_a_function_of_the_hosts_says_who(time):
    app = small_app(**{SETTING: lambda user: user.email.startswith("ann")})
    registered(app, BOB)
    assert log_in(app.test_client(), BOB).status_code == 200
    assert app.test_client().post("/account/api/register", json={"email": ANN, "password": PASSWORD}).status_code == 202


def test_the_strict_profile_asks_everybody_unless_the_app_says_otherwise():
    assert house_of(small_app(HOUSEKEY_PROFILE="strict")).settings[FactorSettings].required_for == "everybody"
    app = small_app(**{SETTING: "nobody", "HOUSEKEY_PROFILE": "strict"})
    assert house_of(app).settings[FactorSettings].required_for == "nobody"


@pytest.mark.flaw(46)
@pytest.mark.parametrize("wrong", ["all", "admin", ["role:"], ["permission:Users Manage"], 7, [7], "role:admin, staff"])
def test_a_word_that_means_nothing_stops_the_app(wrong):
    with pytest.raises(ConfigurationError, match="REQUIRED_FOR"):
        FactorSettings(required_for=wrong)


def test_it_can_be_said_in_the_environment(time):
    app = small_app(**{SETTING: "role:editor, permission:posts:publish"})
    registered(app)
    assert log_in(app.test_client()).status_code == 200


def test_a_grace_lets_people_in_and_says_until_when(app, time):
    asked_for(app, **{SETTING: "everybody", "HOUSEKEY_FACTORS_GRACE": timedelta(days=14)})
    client = app.test_client()
    assert log_in(client).status_code == 200
    day = Day((clock.now() + timedelta(days=14)).date())
    for page in ("", "factors"):
        assert f"asks you for one from {day.__html__()} on" in client.get(f"/account/{page}").text
    time.forward(timedelta(days=14))
    assert log_in(app.test_client()).status_code == 202


def test_older_accounts_are_asked_from_a_day_on(app, time):
    tomorrow = (clock.now() + timedelta(days=1)).date()
    asked_for(app, **{SETTING: "everybody", "HOUSEKEY_FACTORS_REQUIRED_FROM": tomorrow})
    assert log_in(app.test_client()).status_code == 200
    time.forward(timedelta(days=1))
    assert log_in(app.test_client()).status_code == 202


def test_a_requirement_of_the_hosts_that_comes_after_finds_the_factor_and_no_session(app, time):
    class Terms:
        name = "terms"

        def check(self, _house, attempt):
            return None if "terms" in attempt.done else login.Challenge("terms", "housekey.login")

    house_of(app).requirements = [*house_of(app).requirements, Terms()]
    client, phone = at_the_key(app)
    asked = answer(client, phone.code())
    assert (asked.status_code, asked.json["challenge"]["type"]) == (202, "terms")
    assert len(asked.json["recovery_codes"]) == 10
    assert not is_in(client)
    assert client.get_cookie(cookie_name(app)) is None


def test_the_first_proof_may_be_any(app):
    house = house_of(app)
    outcome = login.vouch(house, login.Client(), id_of(app), method="link", channel="mail")
    assert isinstance(outcome, Parked)
    assert outcome.challenge.type == "enrol_factor"
