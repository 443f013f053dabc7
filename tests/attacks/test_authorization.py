"""What people must not be able to do who may not."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from attacks.faces import ANN, BOB, FACES, disable, session_ids, token, who
from housekey import Housekey, accessible, authorize, can, permission_required, roles_accepted, roles_required
from housekey.errors import ConfigurationError
from housekey.web.routes import permission
from rig.apps import QUICK, log_in, registered, small_app
from rig.people import administrator, grant, held, id_of, revoke, role

ROOT = "root@example.test"


# Flaw 46


@pytest.mark.flaw(46)
@pytest.mark.parametrize("guard", [roles_required, roles_accepted, permission_required])
@pytest.mark.parametrize("names", [(), ("",), (None,), ("admin", "")])
def test_an_empty_guard_lets_nobody_in_because_the_app_does_not_start(guard, names):
    with pytest.raises(ConfigurationError):
        guard(*names)


@pytest.mark.flaw(46)
def test_an_empty_permission_of_a_route_is_refused():
    with pytest.raises(ConfigurationError):
        permission("")


@pytest.fixture
def guarded() -> Flask:
    app = small_app()

    @app.get("/editors")
    @roles_required("editor")
    def editors() -> str:
        return "in"

    @app.get("/edit")
    @permission_required("posts:edit")
    def edit() -> str:
        return "in"

    role(app, "editor", "posts:edit")
    return app


@pytest.mark.flaw(46)
@pytest.mark.asvs("8.3.2")
@pytest.mark.parametrize("path", ["/editors", "/edit"])
def test_a_role_taken_away_stops_working_at_the_next_request(guarded, path):
    client = registered(guarded)
    assert client.get(path).status_code == 403
    grant(guarded, ANN, "editor")
    assert client.get(path).status_code == 200
    revoke(guarded, ANN, "editor")
    assert client.get(path).status_code == 403


@pytest.mark.flaw(46)
@pytest.mark.asvs("8.3.2")
def test_a_permission_taken_from_a_role_stops_working_at_the_next_request(guarded):
    client = registered(guarded)
    grant(guarded, ANN, "editor")
    assert client.get("/edit").status_code == 200
    role(guarded, "editor", "posts:read")
    assert client.get("/edit").status_code == 403


@pytest.mark.flaw(46)
def test_one_permission_does_not_stand_for_one_that_begins_alike(guarded):
    client = registered(guarded)
    for name in ("posts", "posts:editor", "posts:edit:own", "posts:read"):
        role(guarded, "nearly", name)
        grant(guarded, ANN, "nearly")
        assert client.get("/edit").status_code == 403


@pytest.mark.flaw(46)
def test_nobody_has_a_role_by_being_somebody(guarded):
    assert registered(guarded).get("/account/api/me").json["permissions"] == []


# Flaw 47


@pytest.fixture
def shop() -> Flask:
    """A host with things that have owners."""
    app = Flask("shop")
    app.secret_key = "0123456789abcdef" * 4
    app.config.update(QUICK | {"SQLALCHEMY_DATABASE_URI": "sqlite://"})
    accounts = Housekey(app)

    class Thing(accounts.Base):
        __tablename__ = "things"
        id = sa.orm.mapped_column(sa.Integer, primary_key=True)
        owner_id = sa.orm.mapped_column(sa.ForeignKey("users.id"))

    class Secret(accounts.Base):
        __tablename__ = "secrets"
        id = sa.orm.mapped_column(sa.Integer, primary_key=True)

    accounts.policy(Thing, "edit")(lambda identity, thing: thing.owner_id == identity.user_id)
    accounts.filter(Thing, "edit")(lambda identity: Thing.owner_id == identity.user_id)

    @app.post("/things")
    def make() -> str:
        from housekey import current_identity

        thing = Thing(owner_id=current_identity.user_id)
        accounts.session.add(thing)
        accounts.session.commit()
        return str(thing.id)

    @app.get("/things")
    def mine() -> list[int]:
        return [thing.id for thing in accounts.session.scalars(accessible(sa.select(Thing), "edit"))]

    @app.get("/things/<int:number>")
    def edit(number: int) -> str:
        authorize("edit", accounts.session.get(Thing, number))
        return "yours"

    @app.get("/things/<int:number>/may")
    def may(number: int) -> list[bool]:
        thing = accounts.session.get(Thing, number)
        return [can("edit", thing), can("delete", thing), can("edit", Secret()), can("", thing)]

    return app


@pytest.mark.flaw(47)
@pytest.mark.asvs("8.2.2", "8.3.1")
def test_another_owners_thing_is_neither_shown_nor_changed_by_its_number(shop):
    ann, bob = registered(shop), registered(shop, BOB)
    number = ann.post("/things", headers={"Sec-Fetch-Site": "same-origin"}).text
    assert ann.get(f"/things/{number}").text == "yours"
    assert bob.get(f"/things/{number}").status_code == 403
    assert bob.get("/things").json == []
    assert shop.test_client().get(f"/things/{number}").status_code in (302, 401)


@pytest.mark.flaw(46, 47)
@pytest.mark.asvs("8.2.1")
def test_what_no_policy_allows_nobody_may_do(shop):
    ann, bob = registered(shop), registered(shop, BOB)
    number = ann.post("/things").text
    assert ann.get(f"/things/{number}/may").json == [True, False, False, False]
    assert bob.get(f"/things/{number}/may").json == [False] * 4
    assert shop.test_client().get(f"/things/{number}/may").json == [False] * 4


@pytest.mark.flaw(47)
@pytest.mark.asvs("8.2.2")
def test_another_persons_session_is_not_ended_by_its_id(data_app, face):
    ann, thief = registered(data_app), registered(data_app, BOB)
    answer = face.end(thief, session_ids(ann)[0])
    assert answer.status == 404
    assert who(ann) == "ann"


@pytest.mark.flaw(47)
@pytest.mark.asvs("8.2.2")
def test_another_persons_session_and_none_at_all_are_told_apart_by_nobody(app, face):
    ann, thief = registered(app), registered(app, BOB)
    others, none = face.end(thief, session_ids(ann)[0]), face.end(thief, "A" * 22)
    assert (others.status, len(others.text)) == (none.status, len(none.text))


@pytest.mark.flaw(47)
def test_the_list_of_sessions_holds_ones_own_only(app):
    ann, bob = registered(app), registered(app, BOB)
    assert not set(session_ids(ann)) & set(session_ids(bob))


@pytest.mark.flaw(47)
@pytest.mark.asvs("8.2.1", "8.3.1")
def test_nobody_but_those_who_manage_users_sees_or_changes_another_user(app, face):
    administrator(app)
    thief, place = registered(app, BOB), str(id_of(app, ROOT))
    assert face.send(thief, "user", {"disabled": True}, place=place).status == 403
    for path in (f"/account/admin/users/{place}", f"/account/api/admin/users/{place}", "/account/api/admin/users"):
        assert thief.get(path).status_code == 403
        assert app.test_client().get(path).status_code in (302, 401)


# Flaw 48


@pytest.fixture
def office() -> Flask:
    """Root is an administrator; Bob manages users and nothing else; Ann is nobody in particular."""
    app = small_app()
    administrator(app)
    role(app, "helpdesk", "users:manage")
    role(app, "treasurer", "money:spend")
    registered(app, BOB)
    grant(app, BOB, "helpdesk")
    registered(app)
    return app


def change(face, client, app: Flask, email: str, **wanted):
    """On the page all roles and the box stand in one form."""
    if face.name == "page":
        box = {"disabled": "on"} if wanted.get("disabled") else {"disabled": ""}
        wanted = {"roles": wanted.get("roles", held(app, email)), **box}
    return face.send(client, "user", wanted, place=str(id_of(app, email)))


@pytest.mark.flaw(48)
@pytest.mark.asvs("8.3.1")
@pytest.mark.parametrize("wanted", ["admin", "treasurer"])
@pytest.mark.parametrize("email", [ANN, BOB])
def test_nobody_gives_others_or_oneself_more_than_one_has(office, face, wanted, email):
    bob = face.logged_in(office, BOB)
    answer = change(face, bob, office, email, roles=[*held(office, email), wanted])
    assert answer.status == 403
    assert wanted not in held(office, email)


@pytest.mark.flaw(48)
@pytest.mark.parametrize("wanted", [{"disabled": True}, {"roles": []}])
def test_a_lesser_manager_neither_shuts_out_nor_degrades_an_administrator(office, face, wanted):
    bob = face.logged_in(office, BOB)
    assert change(face, bob, office, ROOT, **wanted).status == 403
    assert held(office, ROOT) == ["admin"]
    assert log_in(office.test_client(), ROOT).status_code == 200


@pytest.mark.flaw(48)
def test_who_manages_users_can_shut_out_one_with_no_more_rights(office, face):
    bob = face.logged_in(office, BOB)
    assert change(face, bob, office, ANN, disabled=True).status in (200, 303)
    assert log_in(office.test_client(), ANN).status_code == 401


@pytest.mark.flaw(48)
@pytest.mark.asvs("7.5.1")
def test_users_are_managed_only_shortly_after_a_proof(office, face):
    from datetime import timedelta

    from housekey.kernel import clock

    with clock.stopped() as time:
        root = face.logged_in(office, ROOT)
        time.forward(timedelta(minutes=16))
        assert not change(face, root, office, ANN, disabled=True).done
        assert log_in(office.test_client(), ANN).status_code == 200


@pytest.mark.flaw(46, 48)
@pytest.mark.parametrize("face", FACES, ids=str)
def test_a_manager_whose_role_is_taken_or_who_is_shut_out_manages_nobody_from_then_on(office, face):
    bob = face.logged_in(office, BOB)
    revoke(office, BOB, "helpdesk")
    assert change(face, bob, office, ANN, disabled=True).status == 403
    grant(office, BOB, "helpdesk")
    disable(office, BOB)
    assert not change(face, bob, office, ANN, disabled=True).done
    assert token(office, bob) is None or who(bob) is None
    assert log_in(office.test_client(), ANN).status_code == 200
