"""What must not happen to a login that waits for its next step, and to a step-up.

The second step here is a stand-in of the host's: any capability with a requirement parks logins the same way.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from msgspec import Struct

from attacks.faces import (
    ANN,
    BOB,
    FACES,
    FROM_OUR_PAGE,
    cookie_name,
    disable,
    rows,
    session_ids,
    token,
    who,
    with_token,
)
from housekey import login
from housekey.capability import Capability
from housekey.errors import InvalidCredentials
from housekey.kernel import clock
from housekey.login import Challenge, Kind, Outcome, Proof
from housekey.web.challenges import parked_attempt
from housekey.web.going import go_on
from housekey.web.here import here
from housekey.web.outcomes import answer
from housekey.web.routes import Routes
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.people import house_of, id_of

RIGHT = "000000"


class Code(Struct):
    code: str


class SecondStep:
    """Asks every login and every step-up for a code; registering passes with its own proof."""

    name = "second_step"
    on = True

    def check(self, house, attempt):
        done = any(proof.method == "otp" for proof in attempt.proofs)
        return Challenge("otp", "housekey.second_step") if self.on and not done else None


pages, api = Routes(), Routes(tag="second step")


@pages.get("/second-step")
def second_step() -> str:
    return "the code, please"


@pages.post("/second-step", name="submit_second_step")
def submit(form: Code) -> Any:
    return go_on(proved(form.code), "/")


@api.post("/second-step")
def answer_second_step(body: Code) -> Any:
    return answer(proved(body.code))


def proved(code: str) -> Outcome:
    def check(attempt):
        if code != RIGHT:
            raise InvalidCredentials()
        return Proof(attempt.user.id, "otp", Kind.POSSESSION, clock.now())

    return login.advance(here.house, login.prove(here.house, parked_attempt(), "otp", check))


@pytest.fixture
def step() -> SecondStep:
    return SecondStep()


@pytest.fixture
def parked_app(step) -> Flask:
    return made("sqlite://", step)


@pytest.fixture
def parked_data_app(database_url, step) -> Flask:
    return made(database_url, step)


def made(url: str, step: SecondStep) -> Flask:
    app = small_app(url, capabilities=[Capability(name="second", requirement=step, pages=pages, api=api)])
    step.on = False
    registered(app)
    registered(app, BOB)
    step.on = True
    return app


def attempt_cookie(app: Flask) -> str:
    return app.extensions["housekey"].cookies.attempt


def attempt_token(app, client) -> str:
    cookie = client.get_cookie(attempt_cookie(app))
    assert cookie is not None
    return cookie.value


def holding(app: Flask, value: str):
    client = app.test_client()
    client.set_cookie(attempt_cookie(app), value)
    return client


def complete(face, client, code: str = RIGHT):
    return face.send(client, "second-step", {"code": code})


@pytest.mark.flaw(59)
@pytest.mark.asvs("2.3.1")
def test_nothing_that_grants_anything_exists_before_the_last_step(parked_app, face):
    client = parked_app.test_client()
    before = rows(parked_app, "sessions", "devices")
    face.log_in(client)
    assert rows(parked_app, "sessions", "devices") == before
    assert token(parked_app, client) is None
    assert who(client) is None
    assert who(with_token(parked_app, attempt_token(parked_app, client))) is None
    assert complete(face, client).done
    assert who(client) == "ann"


@pytest.mark.flaw(59)
@pytest.mark.asvs("7.2.4")
def test_the_token_of_a_parked_login_is_dead_once_it_is_complete(parked_app, face):
    client = parked_app.test_client()
    face.log_in(client)
    thief = holding(parked_app, attempt_token(parked_app, client))
    assert complete(face, client).done
    assert not complete(face, thief).done
    assert who(thief) is None


@pytest.mark.flaw(59)
def test_a_parked_login_planted_beforehand_does_not_become_a_logged_in_browser(parked_app, face):
    """The attacker plants his own parked attempt; the victim's login starts another one under another token."""
    attacker = parked_app.test_client()
    face.log_in(attacker, BOB)
    planted = attempt_token(parked_app, attacker)
    victim = holding(parked_app, planted)
    face.log_in(victim)
    assert attempt_token(parked_app, victim) != planted
    assert complete(face, victim).done
    assert who(victim) == "ann"
    assert who(attacker) is None


@pytest.mark.flaw(59)
def test_of_two_who_answer_one_parked_login_in_the_same_moment_one_gets_in(parked_data_app, face, together):
    client = parked_data_app.test_client()
    face.log_in(client)
    both = [holding(parked_data_app, attempt_token(parked_data_app, client)) for _ in range(2)]
    done = [each.done for each in together(2, lambda n: complete(face, both[n]))]
    assert sorted(done) == [False, True]
    assert [who(browser) is not None for browser in both] == done


def test_a_login_that_waits_forgets_a_page_that_is_too_long_to_be_kept(parked_data_app):
    client, body = parked_data_app.test_client(), {"identifier": ANN, "password": PASSWORD, "next": "/" + "x" * 3000}
    assert client.post("/account/login", data=body, headers=FROM_OUR_PAGE).status_code == 303
    assert complete(FACES[0], client).done


@pytest.mark.flaw(56, 59)
def test_a_parked_login_ends_with_the_account(parked_app, face):
    client = parked_app.test_client()
    face.log_in(client)
    disable(parked_app)
    assert not complete(face, client).done
    assert who(client) is None


@pytest.mark.flaw(59)
def test_logout_leaves_no_half_finished_login_behind(parked_app, face):
    client = parked_app.test_client()
    face.log_in(client)
    copied = attempt_token(parked_app, client)
    face.log_out(client)
    assert not complete(face, holding(parked_app, copied)).done


@pytest.mark.flaw(59)
def test_a_step_up_does_not_outlive_the_session_it_began_in(parked_app, face):
    client, other = parked_app.test_client(), parked_app.test_client()
    for browser in (client, other):
        face.log_in(browser)
        assert complete(face, browser).done
    face.reauthenticate(client)
    assert who(client) == "ann", "the session goes on while its step-up waits"
    assert face.end(other, session_ids(client)[0]).done
    assert not complete(face, client).done
    assert who(client) is None


@pytest.mark.flaw(59)
def test_a_step_up_is_not_completed_in_another_session(parked_app, face):
    """It renews the session it began in, and no other; the other one's token goes on as it was."""
    client, other = parked_app.test_client(), parked_app.test_client()
    for browser in (client, other):
        face.log_in(browser)
        assert complete(face, browser).done
    first, second = token(parked_app, client), token(parked_app, other)
    face.reauthenticate(client)
    other.set_cookie(attempt_cookie(parked_app), attempt_token(parked_app, client))
    complete(face, other)
    assert who(with_token(parked_app, second)) == "ann"
    assert who(with_token(parked_app, first)) is None


@pytest.mark.flaw(58, 59)
@pytest.mark.asvs("6.3.1")
def test_wrong_answers_to_a_challenge_lock_as_wrong_passwords_do_and_a_right_password_clears_none(parked_app, face):
    for number in range(5):
        client = parked_app.test_client()
        assert face.log_in(client).status in (202, 303)
        assert complete(face, client, f"wrong {number}").status in (401, 303)
    client = parked_app.test_client()
    face.log_in(client)
    assert not complete(face, client).done
    assert who(client) is None


@pytest.mark.flaw(59)
def test_a_parked_login_waits_ten_minutes_and_no_longer(parked_app, face):
    with clock.stopped() as time:
        client = parked_app.test_client()
        face.log_in(client)
        time.forward(timedelta(minutes=10, seconds=1))
        assert not complete(face, client).done


@pytest.mark.flaw(59)
def test_a_proof_of_another_user_ends_the_attempt(parked_app):
    house = house_of(parked_app)
    attempt = login.begin(house, login.Client(), user_id=id_of(parked_app))
    with pytest.raises(InvalidCredentials):
        attempt.with_proof(Proof(id_of(parked_app, BOB), "otp", Kind.POSSESSION, clock.now()))


def test_the_attempts_token_opens_nothing_as_a_session_and_the_other_way_round(parked_app, face):
    client = parked_app.test_client()
    face.log_in(client)
    assert complete(face, client).done
    session_as_attempt = holding(parked_app, str(token(parked_app, client)))
    assert not complete(face, session_as_attempt).done
    assert cookie_name(parked_app) != attempt_cookie(parked_app)
    assert log_in(parked_app.test_client(), password=PASSWORD).status_code == 202
