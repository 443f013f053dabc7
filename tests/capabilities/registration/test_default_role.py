"""`HOUSEKEY_REGISTRATION_DEFAULT_ROLE`: every new account gets it, whatever an operator has forgotten."""

from __future__ import annotations

import pytest

from housekey.capabilities.roles import actions as roles
from housekey.commands import cli
from housekey.errors import ConfigurationError
from rig.apps import PASSWORD, registered, small_app
from rig.mailed import OURS, operator, token_in

ROLE = "HOUSEKEY_REGISTRATION_DEFAULT_ROLE"
ANN = {"email": "ann@example.test", "password": PASSWORD}


def who(browser):
    return browser.get("/account/api/me").json


def test_a_role_that_isnt_there_is_made_and_permits_nothing():
    browser = registered(small_app(**{ROLE: "member"}))
    assert (who(browser)["roles"], who(browser)["permissions"]) == (["member"], [])


def test_a_page_registers_too():
    browser = small_app(**{ROLE: "member"}).test_client()
    assert browser.post("/account/register", data=ANN, headers=OURS).status_code == 303
    assert who(browser)["roles"] == ["member"]


def test_whoever_confirms_the_address_first_has_it_at_the_end():
    app = small_app(**{ROLE: "member", "HOUSEKEY_REGISTRATION_VERIFICATION": "required"})
    browser = app.test_client()
    assert browser.post("/account/api/register", json=ANN).status_code == 202
    answer = browser.post("/account/api/register/confirm", json={"token": token_in(app, ANN["email"])})
    assert answer.status_code == 201
    assert who(browser)["roles"] == ["member"]


def test_a_role_that_an_operator_deletes_keeps_nobody_out():
    app = small_app(**{ROLE: "member"})
    registered(app)
    assert operator(app, "roles", "delete", "member", "--yes").exit_code == 0
    assert who(registered(app, "bob@example.test"))["roles"] == ["member"]


def test_what_the_role_permits_stays():
    app = small_app(**{ROLE: "member"})
    assert operator(app, "roles", "create", "member", "posts:write").exit_code == 0
    assert who(registered(app))["permissions"] == ["posts:write"]


def test_who_registers_first_at_the_same_moment_does_register(database_url, together):
    app = small_app(database_url, **{ROLE: "member"})
    browsers = [app.test_client() for _ in range(6)]

    def register(number):
        return browsers[number].post("/account/api/register", json=ANN | {"email": f"u{number}@example.test"})

    answers = together(6, register)
    assert [answer.status_code for answer in answers] == [201] * 6
    assert {tuple(who(browser)["roles"]) for browser in browsers} == {("member",)}


def test_people_who_are_brought_in_get_it_too():
    app = small_app(**{ROLE: "member"})
    people = ["users", "import", "-"]
    brought = app.test_cli_runner().invoke(cli, people, input="email\nann@example.test\n")
    assert brought.exit_code == 0, brought.output
    with app.app_context():
        assert [(role.name, role.members) for role in roles.all_roles(app.accounts.house)] == [("member", 1)]


@pytest.mark.parametrize(("name", "why"), [("admin", "administrator of everybody"), ("Team A", "small letters")])
def test_a_role_that_can_be_none_is_told_at_the_start(name, why):
    with pytest.raises(ConfigurationError, match=why):
        small_app(**{ROLE: name})
