"""Administrators against each other, and against logins, at the same moment, on every database."""

from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest

from housekey.capabilities.roles import actions as roles
from housekey.store import sessions
from rig.apps import log_in, registered, small_app
from rig.people import administrator, held, house_of, id_of, role

A, B, C = "a@example.test", "b@example.test", "c@example.test"


@pytest.fixture
def app(database_url):
    app = small_app(database_url)
    role(app, "staff")
    return app


def disable(app, client, email):
    return client.patch(f"/account/api/admin/users/{id_of(app, email)}", json={"disabled": True})


def managers(app, *people):
    """Those who can still manage users, by trying."""
    return [email for email, client in people if client.get("/account/api/admin/users").status_code == 200]


@pytest.mark.asvs("15.4.2")
@pytest.mark.parametrize("turn", [1, 2])
def test_two_administrators_who_disable_each_other_leave_one(together, app, turn):
    a, b = administrator(app, A), administrator(app, B)
    both = [(a, B), (b, A)]
    answers = together(2, lambda number: disable(app, *both[number]))
    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert {answer.status_code for answer in answers} <= {200, 401, 403}
    assert len(managers(app, (A, a), (B, b))) == 1


ACTS = {
    "disable": lambda own, other: (other, {"disabled": True}),
    "take the role": lambda own, other: (other, {"roles": []}),
    "step down": lambda own, other: (own, {"roles": ["staff"]}),
    "close": lambda own, other: (other, {"closing": True}),
}


@pytest.fixture
def late(monkeypatch):
    """Whoever has judged that somebody is left waits for the other one to judge, too, before anything is committed;
    where one is kept out meanwhile, not for long."""
    meeting, judge = Barrier(2), roles.anyone_manages

    def judged(unit):
        found = judge(unit)
        with suppress(BrokenBarrierError):
            meeting.wait(0.3)
        return found

    monkeypatch.setattr(roles, "anyone_manages", judged)


@pytest.mark.flaw(48)
@pytest.mark.parametrize("act", ACTS)
def test_of_two_who_judge_at_the_same_moment_one_is_left(together, app, late, act):
    people = [(A, administrator(app, A)), (B, administrator(app, B))]

    def go(number):
        whose, body = ACTS[act](people[number][0], people[1 - number][0])
        return people[number][1].patch(f"/account/api/admin/users/{id_of(app, whose)}", json=body)

    answers = together(2, go)
    assert sorted(answer.status_code for answer in answers)[0] == 200
    assert {answer.status_code for answer in answers} <= {200, 401, 403}
    assert len(managers(app, *people)) >= 1


@pytest.mark.flaw(48)
def test_of_two_who_close_their_own_accounts_at_the_same_moment_one_stays(together, app, late):
    people = [administrator(app, A), administrator(app, B)]
    answers = together(2, lambda number: people[number].post("/account/api/close"))
    assert sorted(answer.status_code for answer in answers) == [202, 403]


def test_three_administrators_in_a_circle_leave_one(together, app):
    people = [(A, administrator(app, A)), (B, administrator(app, B)), (C, administrator(app, C))]
    targets = [B, C, A]
    answers = together(3, lambda number: disable(app, people[number][1], targets[number]))
    assert {answer.status_code for answer in answers} <= {200, 401, 403}
    assert managers(app, *people)


def test_two_who_take_each_others_role_leave_one(together, app):
    a, b = administrator(app, A), administrator(app, B)
    both = [(a, B), (b, A)]

    def act(number):
        client, other = both[number]
        return client.patch(f"/account/api/admin/users/{id_of(app, other)}", json={"roles": []})

    answers = together(2, act)
    assert {answer.status_code for answer in answers} <= {200, 403}
    assert len(managers(app, (A, a), (B, b))) == 1


def test_two_who_step_down_together_leave_one(together, app):
    people = [(A, administrator(app, A)), (B, administrator(app, B))]

    def act(number):
        email, client = people[number]
        return client.patch(f"/account/api/admin/users/{id_of(app, email)}", json={"roles": ["staff"]})

    answers = together(2, act)
    assert sorted(answer.status_code for answer in answers) == [200, 403]
    assert len(managers(app, *people)) == 1


def test_no_session_opens_after_its_user_was_disabled(together, app):
    root = administrator(app, A)
    registered(app)
    browsers = [app.test_client() for _number in range(3)]

    def act(number):
        return disable(app, root, "ann@example.test") if number == 0 else log_in(browsers[number - 1])

    answers = together(4, act)
    assert answers[0].status_code == 200
    assert {answer.status_code for answer in answers[1:]} <= {200, 401}
    house = house_of(app)
    with house.read() as connection:
        assert sessions.live(connection, house.store.schema, id_of(app)) == []
    assert all(browser.get("/account/api/me").status_code == 401 for browser in browsers)


def test_a_role_given_by_many_at_once_is_given_once(together, app):
    root = administrator(app, A)
    registered(app)
    path = f"/account/api/admin/users/{id_of(app)}"
    cookies = {cookie.key: cookie.value for cookie in root._cookies.values()}

    def act(number):
        client = app.test_client()
        for name, value in cookies.items():
            client.set_cookie(name, value)
        return client.patch(path, json={"roles": ["admin", "staff"]})

    assert [answer.status_code for answer in together(4, act)] == [200] * 4
    assert held(app, "ann@example.test") == ["admin", "staff"]


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_a_role_deleted_while_it_is_given_is_given_or_unknown(together, app, turn):
    root = administrator(app, A)
    registered(app)
    path = f"/account/api/admin/users/{id_of(app)}"

    def act(number):
        if number == 0:
            house_of(app).run(lambda unit: roles.delete(unit, "staff"))
            return None
        return root.patch(path, json={"roles": ["staff"]})

    _deleted, given = together(2, act)
    assert given.status_code in (200, 422), given.text
    assert held(app, "ann@example.test") == []
