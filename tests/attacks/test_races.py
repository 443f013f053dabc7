"""What must not happen in between: verbs that meet in the same moment, on every database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.security import generate_password_hash

from attacks.faces import ANN, NEW_PASSWORD, disable, rows, session_ids, token, who, with_token
from housekey import login
from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.passwords.stored import store_hash
from housekey.capabilities.roles import actions as roles
from housekey.capability import Capability
from housekey.kernel.secret import Secret
from housekey.login import Challenge, Client
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.people import house_of, id_of

THIEFS_PASSWORD = "whatever the thief likes"


class Meanwhile:
    """A requirement that is always met, and the moment between a proof and its session in which something happens."""

    name = "meanwhile"

    def __init__(self) -> None:
        self.act: Callable[[], object] | None = None

    def check(self, house, attempt):
        act, self.act = self.act, None
        if act is not None:
            act()


@pytest.fixture
def meanwhile() -> Meanwhile:
    return Meanwhile()


@pytest.fixture
def timed_app(database_url, meanwhile):
    return small_app(database_url, capabilities=[Capability(name="meanwhile", requirement=meanwhile)])


@pytest.mark.flaw(56)
@pytest.mark.asvs("7.4.2", "15.4.2")
def test_no_session_opens_for_a_user_who_is_disabled_during_the_login(timed_app, meanwhile, face):
    registered(timed_app)
    stranger = timed_app.test_client()
    meanwhile.act = lambda: disable(timed_app)
    assert not face.log_in(stranger).done
    assert who(stranger) is None


@pytest.mark.flaw(56)
@pytest.mark.asvs("15.4.2")
def test_no_session_opens_with_a_password_that_is_replaced_during_the_login(timed_app, meanwhile, face):
    owner, thief = registered(timed_app), timed_app.test_client()
    meanwhile.act = lambda: face.change_password(owner)
    assert not face.log_in(thief).done
    assert who(thief) is None
    assert who(owner) == "ann"


@pytest.mark.flaw(56)
@pytest.mark.asvs("15.4.2")
def test_a_thief_who_knows_the_old_password_does_not_overrule_the_owners_change(timed_app, meanwhile, face):
    owner, thief = registered(timed_app), timed_app.test_client()
    log_in(thief)
    meanwhile.act = lambda: face.change_password(owner)
    assert not face.change_password(thief, PASSWORD, THIEFS_PASSWORD).done
    assert who(owner) == "ann"
    assert who(thief) is None
    assert log_in(timed_app.test_client(), password=NEW_PASSWORD).status_code == 200
    assert log_in(timed_app.test_client(), password=THIEFS_PASSWORD).status_code == 401


@pytest.mark.flaw(56)
@pytest.mark.asvs("15.4.2")
def test_of_two_changes_of_a_password_in_the_same_moment_one_wins_and_the_other_is_logged_out(data_app, face, together):
    browsers = [registered(data_app), data_app.test_client()]
    log_in(browsers[1])
    wanted = [NEW_PASSWORD, THIEFS_PASSWORD]
    done = [answer.done for answer in together(2, lambda n: face.change_password(browsers[n], PASSWORD, wanted[n]))]
    assert sorted(done) == [False, True]
    assert [who(browser) == "ann" for browser in browsers] == done
    assert [log_in(data_app.test_client(), password=new).status_code == 200 for new in wanted] == done


@pytest.mark.flaw(4, 56)
@pytest.mark.asvs("15.4.2")
def test_a_session_that_is_ended_meanwhile_changes_no_password(timed_app, meanwhile, face):
    owner, thief = registered(timed_app), timed_app.test_client()
    log_in(thief)
    meanwhile.act = lambda: face.end_others(owner)
    assert not face.change_password(thief, PASSWORD, THIEFS_PASSWORD).done
    assert log_in(timed_app.test_client()).status_code == 200


@pytest.mark.flaw(4, 56)
def test_a_session_that_is_ended_meanwhile_is_not_brought_back_by_reauthentication(timed_app, meanwhile, face):
    owner, thief = registered(timed_app), timed_app.test_client()
    log_in(thief)
    meanwhile.act = lambda: face.end_others(owner)
    assert not face.reauthenticate(thief).done
    assert who(thief) is None


def test_while_a_challenge_is_open_the_password_stays(database_url, face):
    """A second factor that is due for changing the password can't be passed by by leaving it unanswered."""

    class SecondFactor:
        name = "second_factor"

        def check(self, house, attempt):
            return Challenge("otp", "housekey.sessions") if attempt.purpose == "step_up" else None

    app = small_app(database_url, capabilities=[Capability(name="second_factor", requirement=SecondFactor())])
    owner = registered(app)
    answer = face.change_password(owner)
    assert answer.status in (202, 303)
    assert log_in(app.test_client(), password=NEW_PASSWORD).status_code == 401
    assert log_in(app.test_client()).status_code == 200


@pytest.mark.flaw(56)
@pytest.mark.asvs("7.4.2", "15.4.2")
def test_of_logins_and_a_disabling_in_the_same_moment_no_session_is_left(data_app, together):
    registered(data_app)
    browsers = [data_app.test_client() for _ in range(6)]

    def act(number: int) -> int:
        if number == 3:
            disable(data_app)
            return 0
        return log_in(browsers[number - (number > 3)]).status_code

    assert set(together(7, act)) <= {0, 200, 401, 503}
    assert [who(browser) for browser in browsers] == [None] * 6
    house = house_of(data_app)
    with house.read() as connection:
        sessions = house.store.tables["sessions"]
        assert connection.execute(sessions.select().where(sessions.c.ended_at.is_(None))).all() == []


@pytest.mark.flaw(21)
@pytest.mark.asvs("2.3.4", "15.4.2")
def test_of_parallel_registrations_of_one_name_there_is_one_account(data_app, together):
    def register(number: int) -> int:
        email = ANN if number % 2 else f"{number}@example.test"
        body = {"email": email, "username": "ann", "password": PASSWORD}
        return data_app.test_client().post("/account/api/register", json=body).status_code

    statuses = together(8, register)
    assert sorted(set(statuses) - {503}) in ([201, 422], [201])
    assert statuses.count(201) == 1
    assert rows(data_app, "accounts") == 1


def test_of_parallel_ends_of_one_session_none_fails_and_it_is_dead(data_app, together):
    owner = registered(data_app)
    other = data_app.test_client()
    log_in(other)
    lost, copied = session_ids(other)[0], token(data_app, other)
    holders = [with_token(data_app, token(data_app, owner)) for _ in range(6)]
    statuses = together(6, lambda n: holders[n].delete(f"/account/api/sessions/{lost}").status_code)
    assert sorted(statuses) == [204, 404, 404, 404, 404, 404]
    assert who(with_token(data_app, copied)) is None


def test_two_browsers_that_end_each_other_in_the_same_moment_both_get_an_answer(data_app, together):
    first = registered(data_app)
    second = data_app.test_client()
    log_in(second)
    both = [first, second]
    statuses = together(2, lambda n: both[n].delete("/account/api/sessions").status_code)
    assert set(statuses) <= {204, 401}
    assert 204 in statuses


def test_parallel_roles_for_one_user_are_granted_once(data_app, together):
    registered(data_app)
    house, ann = house_of(data_app), id_of(data_app)
    house.run(lambda unit: roles.create(unit, "editor", ["posts:edit"]))
    together(4, lambda n: house.run(lambda unit: roles.grant(unit, ann, "editor")))
    assert rows(data_app, "user_roles") == 1


def test_a_hash_made_anew_at_login_does_not_bring_back_a_password_that_was_replaced_meanwhile(data_app, together):
    """The old hash is upgraded after the session is open; the new password must win whatever the order."""
    registered(data_app)
    house, ann = house_of(data_app), id_of(data_app)
    old = generate_password_hash(PASSWORD, "pbkdf2:sha256:1000")
    house.run(lambda unit: store_hash(unit, unit.schema, ann, old))
    new, check = passwords.hashed(house, Secret(NEW_PASSWORD)), passwords.Checking(house, Secret(PASSWORD))

    def act(number: int) -> None:
        if number:
            house.run(lambda unit: passwords.replace(unit, ann, new, by="operator"))
        else:
            passwords.upgrade(house, ann, check)

    for _ in range(5):
        house.run(lambda unit: store_hash(unit, unit.schema, ann, old))
        check(login.begin(house, Client(), user_id=ann))
        together(2, act)
        assert log_in(data_app.test_client(), password=NEW_PASSWORD).status_code == 200
