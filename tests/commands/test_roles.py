"""`flask housekey roles` and `flask housekey permissions`."""

from __future__ import annotations

import pytest

from housekey import Capability, Housekey
from rig.apps import registered


def test_a_role_is_made_granted_taken_and_removed(run, app):
    registered(app)
    run("roles", "create", "editor", "posts:edit", "posts:delete")
    run("roles", "grant", "ann@example.test", "editor")
    listed = {"name": "editor", "permissions": ["posts:delete", "posts:edit"], "members": 1}
    assert run.json("roles", "list") == [listed]
    run("roles", "revoke", "ann@example.test", "editor")
    assert run.json("roles", "list")[0]["members"] == 0
    run("roles", "delete", "editor", "--yes")
    assert run.json("roles", "list") == []


def test_roles_are_listed_for_people(run):
    assert "No roles yet" in run("roles", "list").stdout
    run("roles", "create", "editor", "posts:edit")
    run("roles", "create", "guest")
    assert run("roles", "list").stdout.splitlines() == [
        "Role    Permissions  Members",
        "editor  posts:edit   0",
        "guest   -            0",
    ]


def test_an_existing_role_is_not_made_anew_by_mistake(run):
    run("roles", "create", "editor", "posts:edit")
    assert "--replace" in run("roles", "create", "editor", "posts:delete", code=1).stderr
    assert run.json("roles", "list")[0]["permissions"] == ["posts:edit"]
    run("roles", "create", "editor", "posts:delete", "--replace")
    assert run.json("roles", "list")[0]["permissions"] == ["posts:delete"]


@pytest.mark.parametrize("words", [("Editor",), ("two words",), ("x" * 81,), ("editor", "posts edit"), ("editor", "*")])
def test_a_name_that_is_none_is_refused(run, words):
    run("roles", "create", *words, code=1)
    assert run.json("roles", "list") == []


def test_admin_is_there_as_soon_as_somebody_is_to_be_one(run, app):
    browser = registered(app)
    assert browser.get("/account/api/admin/users").status_code == 403
    run("roles", "grant", "ann@example.test", "admin")
    assert browser.get("/account/api/admin/users").status_code == 200
    (admin,) = run.json("roles", "list")
    assert (admin["name"], admin["members"]) == ("admin", 1)
    assert {"users:manage", "mail:manage"} <= set(admin["permissions"])


def test_an_admin_role_of_the_app_keeps_its_permissions(run, app):
    registered(app)
    run("roles", "create", "admin", "posts:edit")
    run("roles", "grant", "ann@example.test", "admin")
    assert run.json("roles", "list")[0]["permissions"] == ["posts:edit", "users:manage"]


def test_a_role_taken_away_counts_at_the_next_request(run, app):
    browser = registered(app)
    run("roles", "grant", "ann@example.test", "admin")
    run("roles", "revoke", "ann@example.test", "admin")
    assert browser.get("/account/api/admin/users").status_code == 403


@pytest.mark.parametrize("command", [("grant", "ann@example.test"), ("revoke", "ann@example.test"), ("delete",)])
def test_an_unknown_role_is_refused_in_plain_words(run, app, command):
    registered(app)
    assert "There is no role editor" in run("roles", *command, "editor", code=1).stderr


@pytest.mark.parametrize("command", ["grant", "revoke"])
def test_an_unknown_user_gets_no_role(run, command):
    assert "Nobody has" in run("roles", command, "nobody@example.test", "admin", code=1).stderr
    assert run.json("roles", "list") == []


def test_granting_twice_is_as_good_as_once(run, app):
    registered(app)
    for _ in range(2):
        run("roles", "grant", "ann@example.test", "admin")
    for _ in range(2):
        run("roles", "revoke", "ann@example.test", "admin")


def test_deleting_a_role_asks_first_and_says_how_many_have_it(run, app):
    registered(app)
    run("roles", "grant", "ann@example.test", "admin")
    assert "It has 1 members" in run("roles", "delete", "admin", input="n\n", code=1).output
    run("roles", "delete", "admin", input="y\n")
    assert run.json("users", "show", "ann@example.test")["roles"] == []


def test_permissions_are_those_of_housekey_and_those_that_roles_name(run):
    run("roles", "create", "editor", "posts:edit")
    found = {permission["name"]: permission for permission in run.json("permissions", "list")}
    assert found["posts:edit"] == {"name": "posts:edit", "allows": None, "roles": ["editor"]}
    assert found["users:manage"]["allows"].startswith("Find users")
    assert "posts:edit    editor" in run("permissions", "list").stdout


def test_permissions_of_a_hosts_own_capability_are_listed(runner, app_with):
    app = app_with(Housekey(capabilities=[Capability(name="blog", permissions=[("blog:write", "Write.")])]))
    assert "blog:write" in {permission["name"] for permission in runner(app).json("permissions", "list")}
