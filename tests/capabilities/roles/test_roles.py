"""Roles permit what they were told to, and nothing else."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from housekey.capabilities.roles import actions as roles
from housekey.capabilities.roles.events import RoleChanged, RoleDeleted, RoleGranted, RoleRevoked
from housekey.errors import InvalidInput, NotFound
from rig.apps import registered, small_app
from rig.people import grant, heard, held, house_of, id_of, role


@pytest.fixture
def app(database_url):
    app = small_app(database_url)
    registered(app)
    return app


@pytest.fixture
def quick():
    app = small_app()
    registered(app)
    return app


def permissions(app):
    house = house_of(app)
    return sorted(house.grants(house, id_of(app))[1])


def run(app, verb):
    return house_of(app).run(verb)


def test_nobody_may_anything_to_begin_with(app):
    assert held(app, "ann@example.test") == []
    assert permissions(app) == []


def test_a_role_permits_nothing_until_it_is_told_to(app):
    role(app, "editor")
    grant(app, "ann@example.test", "editor")
    assert held(app, "ann@example.test") == ["editor"]
    assert permissions(app) == []
    role(app, "editor", "posts:edit", "posts:delete")
    assert permissions(app) == ["posts:delete", "posts:edit"]


def test_making_a_role_again_replaces_what_it_permits(app):
    role(app, "editor", "posts:edit")
    grant(app, "ann@example.test", "editor")
    role(app, "editor", "posts:read")
    assert permissions(app) == ["posts:read"]


def test_permissions_of_several_roles_add_up(app):
    role(app, "editor", "posts:edit", "posts:read")
    role(app, "reader", "posts:read")
    grant(app, "ann@example.test", "editor", "reader")
    assert permissions(app) == ["posts:edit", "posts:read"]


def test_a_role_is_given_and_taken_once_and_told_with_its_actor(app):
    given, taken = heard(app, RoleGranted), heard(app, RoleRevoked)
    role(app, "editor")
    ann = id_of(app)
    for _time in range(2):
        run(app, lambda unit: roles.grant(unit, ann, "editor", actor=ann))
    for _time in range(2):
        run(app, lambda unit: roles.revoke(unit, ann, "editor"))
    assert [(event.user_id, event.role, event.actor) for event in given] == [(ann, "editor", ann)]
    assert [(event.user_id, event.role, event.actor) for event in taken] == [(ann, "editor", None)]


def test_a_deleted_role_is_gone_from_everybody(app):
    changed, deleted = heard(app, RoleChanged), heard(app, RoleDeleted)
    role(app, "editor", "posts:edit")
    grant(app, "ann@example.test", "editor")
    run(app, lambda unit: roles.delete(unit, "editor"))
    assert permissions(app) == []
    assert held(app, "ann@example.test") == []
    assert roles.all_roles(house_of(app)) == []
    assert [event.role for event in (*changed, *deleted)] == ["editor", "editor"]


@pytest.mark.parametrize("verb", [roles.delete, roles.require, lambda unit, name: roles.grant(unit, 1, name)])
def test_a_role_that_does_not_exist_is_told(quick, verb):
    with pytest.raises(NotFound):
        run(quick, lambda unit: verb(unit, "nothing"))


def test_all_roles_tells_what_each_permits_and_how_many_have_it(quick):
    role(quick, "editor", "posts:edit")
    role(quick, "empty")
    grant(quick, "ann@example.test", "editor")
    assert roles.all_roles(house_of(quick)) == [
        roles.Role("editor", ("posts:edit",), 1),
        roles.Role("empty", (), 0),
    ]


def test_the_role_admin_is_made_once_somebody_is_made_an_administrator(app):
    assert roles.all_roles(house_of(app)) == []
    for _time in range(2):
        assert run(app, roles.ensure_admin_role) == "admin"
    every = tuple(sorted(house_of(app).permissions))
    assert "users:manage" in every
    assert roles.all_roles(house_of(app)) == [roles.Role("admin", every, 0)]


def test_an_admin_role_of_the_hosts_own_keeps_what_it_permits(app):
    role(app, "admin", "posts:edit")
    run(app, roles.ensure_admin_role)
    assert roles.all_roles(house_of(app)) == [roles.Role("admin", ("posts:edit", "users:manage"), 0)]


@pytest.mark.parametrize("name", ["", " ", "Admin", "-x", "a b", "a/b", "x" * 81, "ädmin", "a\n", "%", "a;drop"])
def test_odd_names_of_roles_are_refused(quick, name):
    with pytest.raises(InvalidInput):
        role(quick, name)


@pytest.mark.parametrize("name", ["", "posts:", ":edit", "posts:*", "*", "Posts:edit", "a b", "x" * 81, "a:b\n"])
def test_odd_permissions_are_refused_and_a_wildcard_permits_nothing(quick, name):
    with pytest.raises(InvalidInput):
        role(quick, "editor", name)
    assert roles.all_roles(house_of(quick)) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(name=st.text(max_size=90), permission=st.text(max_size=90))
def test_a_role_is_kept_as_it_was_named_or_not_at_all(quick, name, permission):
    before = roles.all_roles(house_of(quick))
    try:
        role(quick, name, permission)
    except InvalidInput:
        assert roles.all_roles(house_of(quick)) == before
    else:
        assert roles.Role(name, (permission,), 0) in roles.all_roles(house_of(quick))


def test_a_deleted_user_leaves_no_grant_behind(app):
    grant(app, "ann@example.test", "admin")
    house = house_of(app)
    with house.write() as unit:
        unit.session.delete(unit.session.get(house.store.user_model, id_of(app)))
    assert [(role.name, role.members) for role in roles.all_roles(house)] == [("admin", 0)]
