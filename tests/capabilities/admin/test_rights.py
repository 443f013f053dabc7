"""Whatever managers of users do to each other, in whatever order: nobody gains, and somebody remains (flaw 48)."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from housekey.capabilities.admin import actions
from housekey.capabilities.admin.rights import Rights
from housekey.errors import Refused
from housekey.store import users
from rig.apps import registered, small_app
from rig.people import grant, house_of, id_of, role

PEOPLE = ["root", "help", "desk", "ann"]
ROLES = {
    "admin": ["users:manage"],
    "helpdesk": ["users:manage"],
    "editor": ["posts:edit"],
    "chief": ["posts:edit", "users:manage"],
    "staff": [],
}
names = st.sets(st.sampled_from(sorted(ROLES)), max_size=3)
steps = st.lists(
    st.tuples(
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        st.builds(actions.Wanted, disabled=st.none() | st.booleans(), roles=st.none() | names),
    ),
    max_size=8,
)


@pytest.fixture(scope="module")
def app():
    app = small_app()
    for name, permissions in ROLES.items():
        role(app, name, *permissions)
    for person in PEOPLE:
        registered(app, f"{person}@example.test")
    return app


def start(app, held):
    """Everybody enabled, with these roles and no others."""
    house = house_of(app)
    with house.write() as unit:
        unit.execute(unit.tables["user_roles"].delete())
        unit.execute(unit.tables["accounts"].update().values(disabled_at=None))
    for person, roles in held.items():
        grant(app, f"{person}@example.test", *roles)


def state(app, ids):
    """By person: the rights, and whether the account is open."""
    house = house_of(app)
    with house.write() as unit:
        return {
            person: (
                actions.rights_of(unit, user_id),
                users.by_id(unit.session, unit.schema, user_id).disabled_at is None,
            )
            for person, user_id in ids.items()
        }


@pytest.mark.asvs("8.2.1")
@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)
@given(held=st.fixed_dictionaries(dict.fromkeys(PEOPLE[1:], names)), steps=steps)
def test_nobody_ever_gains_by_one_who_may_less_and_somebody_always_manages(app, held, steps):
    start(app, {"root": {"admin"}, **held})
    ids = {person: id_of(app, f"{person}@example.test") for person in PEOPLE}
    for actor, other, wanted in steps:
        before = state(app, ids)
        try:
            actions.change(house_of(app), ids[actor], ids[other], wanted)
        except Refused:
            assert state(app, ids) == before
            continue
        judge(actor, other, before, state(app, ids))


def judge(actor, other, before, after):
    """What holds after every change that was carried out."""
    rights, is_open = before[actor]
    assert is_open
    assert rights.may_manage
    assert {person: now for person, now in after.items() if person != other} == {
        person: then for person, then in before.items() if person != other
    }
    (then, _was_open), (now, stays_open) = before[other], after[other]
    assert "admin" in rights.roles or then.names_only <= rights.roles
    assert (now.permissions ^ then.permissions) <= rights.permissions
    assert then.permissions <= rights.permissions
    if "admin" in then.roles | now.roles and then != now:
        assert "admin" in rights.roles
    for name in now.roles ^ then.roles:
        assert set(ROLES[name]) <= rights.permissions
        assert ROLES[name] or name in rights.roles or "admin" in rights.roles
    assert stays_open or actor != other
    assert any(may.may_manage and is_open for may, is_open in after.values())


permissions = st.frozensets(st.sampled_from(["users:manage", "posts:edit", "posts:read"]))
names_only = st.frozensets(st.sampled_from(["staff", "owner"]))
rights = st.builds(
    lambda roles, permissions, names: Rights(roles | names, permissions, names),
    st.frozensets(st.sampled_from(sorted(ROLES))),
    permissions,
    names_only,
)


@given(own=rights, other=rights, role=st.sampled_from(sorted(ROLES)), permitted=permissions)
def test_more_rights_never_permit_less(own, other, role, permitted):
    both = Rights(*map(frozenset.union, vars(own).values(), vars(other).values()))
    assert not own.may_touch(other) or both.may_touch(other)
    assert not own.may_hand_out(role, permitted) or both.may_hand_out(role, permitted)
    assert own.may_touch(own)
    assert not own.may_hand_out(role, permitted) or permitted <= own.permissions
