"""Those who manage users shut them out, let them in, and give and take roles, within their own rights."""

import re
from datetime import timedelta

import pytest

from housekey import login
from housekey.capabilities.admin import actions
from housekey.capabilities.admin.events import UserDisabled, UserEnabled
from housekey.capabilities.roles.events import RoleGranted, RoleRevoked
from housekey.errors import Forbidden, InvalidCredentials, NotFound
from housekey.kernel import clock
from housekey.login import Client, Kind, Proof
from housekey.login.events import SessionEnded
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.people import ADMIN, administrator, grant, heard, held, house_of, id_of, revoke, role

ANN = "ann@example.test"
BROWSER = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
FACES = ["page", "json"]


@pytest.fixture
def app():
    app = small_app()
    role(app, "staff")
    role(app, "editor", "posts:edit")
    return app


@pytest.fixture
def root(app):
    return administrator(app, name="Root")


@pytest.fixture
def ann(app):
    return registered(app, name="Ann")


def helpdesk(app, *permissions, email="help@example.test"):
    """A browser of somebody who manages users without being an administrator."""
    client = registered(app, email)
    role(app, "helpdesk", "users:manage", *permissions)
    grant(app, email, "helpdesk")
    return client


def change(client, face, app, identifier=ANN, **fields):
    """One change by form (which says “no roles” by an empty one) or by JSON."""
    user_id = id_of(app, identifier)
    if face == "json":
        return client.patch(f"/account/api/admin/users/{user_id}", json=fields)
    form = {name: str(value).lower() if isinstance(value, bool) else ["", *value] for name, value in fields.items()}
    return client.post(f"/account/admin/users/{user_id}", data=form, headers=BROWSER)


def done(answer):
    return answer.status_code in (200, 303)


def is_refused(answer, code):
    """A 403 with this code; on the page with a sentence above the form."""
    if answer.is_json:
        return (answer.status_code, answer.json["code"]) == (403, code)
    return answer.status_code == 403 and 'role="alert"' in answer.text


def is_in(client):
    return client.get("/account/api/me").status_code == 200


# Disabling


@pytest.mark.asvs("7.4.2")
@pytest.mark.parametrize("face", FACES)
def test_disabling_ends_all_sessions_at_once_and_lets_nobody_in(app, root, ann, face):
    elsewhere = app.test_client()
    log_in(elsewhere, remember=True)
    disabled, ended = heard(app, UserDisabled), heard(app, SessionEnded)
    assert done(change(root, face, app, disabled=True))
    assert not is_in(ann)
    assert not is_in(elsewhere)
    assert log_in(app.test_client()).json["code"] == "invalid_credentials"
    assert [(event.user_id, event.actor) for event in disabled] == [(id_of(app), id_of(app, ADMIN))]
    assert [(event.why, len(event.session_ids)) for event in ended] == [("disabled", 2)]


@pytest.mark.parametrize("face", FACES)
def test_enabling_lets_in_again_and_brings_no_old_session_back(app, root, ann, face):
    enabled = heard(app, UserEnabled)
    change(root, face, app, disabled=True)
    assert done(change(root, face, app, disabled=False))
    assert not is_in(ann)
    assert log_in(app.test_client()).status_code == 200
    assert [(event.user_id, event.actor) for event in enabled] == [(id_of(app), id_of(app, ADMIN))]


@pytest.mark.parametrize("face", FACES)
def test_what_is_so_already_is_told_to_nobody(app, root, ann, face):
    disabled, enabled = heard(app, UserDisabled), heard(app, UserEnabled)
    assert done(change(root, face, app, disabled=False))
    for _time in range(2):
        assert done(change(root, face, app, disabled=True))
    assert (len(disabled), len(enabled)) == (1, 0)


def test_a_login_under_way_does_not_outlive_disabling(app, root, ann):
    house, user_id = house_of(app), id_of(app)
    begun = login.begin(house, Client(), identifier=ANN)
    attempt = begun.with_proof(Proof(user_id, "pwd", Kind.KNOWLEDGE, clock.now()))
    change(root, "json", app, disabled=True)
    with pytest.raises(InvalidCredentials):
        login.advance(house, attempt)
    change(root, "json", app, disabled=False)
    with pytest.raises(InvalidCredentials):
        login.advance(house, attempt)


@pytest.mark.parametrize("face", FACES)
def test_nobody_disables_oneself(app, root, face):
    administrator(app, "other@example.test")
    assert is_refused(change(root, face, app, ADMIN, disabled=True), "own_account")
    assert is_in(root)
    page = root.get(f"/account/admin/users/{id_of(app, ADMIN)}").text
    assert 'name="disabled"' not in page


def test_a_disabled_administrator_manages_nobody_any_more(app, root, ann):
    other = administrator(app, "other@example.test")
    actions.change(house_of(app), id_of(app, ADMIN), id_of(app, "other@example.test"), actions.Wanted(disabled=True))
    assert other.get("/account/api/admin/users").status_code == 401
    with pytest.raises(Forbidden):
        actions.change(house_of(app), id_of(app, "other@example.test"), id_of(app), actions.Wanted(disabled=True))


# The last one


@pytest.mark.parametrize("face", FACES)
def test_the_last_who_can_manage_users_keeps_the_role(app, root, face):
    assert is_refused(change(root, face, app, ADMIN, roles=["staff"]), "last_manager")
    assert held(app, ADMIN) == ["admin"]


@pytest.mark.parametrize("face", FACES)
def test_a_disabled_manager_does_not_count_as_another_one(app, root, face):
    administrator(app, ANN)
    change(root, face, app, disabled=True)
    assert is_refused(change(root, face, app, ADMIN, roles=[]), "last_manager")


@pytest.mark.parametrize("face", FACES)
def test_one_of_two_may_step_down_and_then_sees_no_users(app, root, face):
    administrator(app, ANN)
    answer = change(root, face, app, ADMIN, roles=[])
    assert done(answer)
    assert held(app, ADMIN) == []
    if face == "page":
        assert answer.location == "/account/"
    assert root.get("/account/api/admin/users").status_code == 403


def test_a_manager_by_another_role_counts_too(app, root):
    helpdesk(app)
    assert done(change(root, "json", app, ADMIN, roles=[]))


# Roles


@pytest.mark.parametrize("face", FACES)
def test_roles_are_given_and_taken_and_count_at_the_next_request(app, root, ann, face):
    given, taken = heard(app, RoleGranted), heard(app, RoleRevoked)
    assert done(change(root, face, app, roles=["staff", "admin"]))
    assert ann.get("/account/api/me").json["roles"] == ["admin", "staff"]
    assert ann.get("/account/api/admin/users").status_code == 200
    assert done(change(root, face, app, roles=["staff"]))
    assert ann.get("/account/api/admin/users").status_code == 403
    assert done(change(root, face, app, roles=[]))
    assert held(app, ANN) == []
    actor = id_of(app, ADMIN)
    assert [(event.role, event.actor) for event in given] == [("admin", actor), ("staff", actor)]
    assert [(event.role, event.actor) for event in taken] == [("admin", actor), ("staff", actor)]


def test_what_is_left_out_stays(app, root, ann):
    grant(app, ANN, "staff")
    assert change(root, "json", app).json["roles"] == ["staff"]
    assert change(root, "json", app, disabled=True).json["roles"] == ["staff"]
    assert change(root, "json", app, roles=[]).json["disabled_at"] is not None
    assert change(root, "json", app, roles=["staff", "staff"], disabled=False).json["roles"] == ["staff"]


@pytest.mark.parametrize("face", FACES)
def test_a_role_that_does_not_exist_is_told_beside_the_field(app, root, ann, face):
    answer = change(root, face, app, roles=["staff", "emperor"])
    assert answer.status_code == 422
    assert held(app, ANN) == []
    if face == "json":
        assert answer.json["fields"]["roles"][0]["code"] == "unknown_role"
    else:
        assert 'href="#hk-roles"' in answer.text
        assert 'id="hk-roles"' in answer.text


def test_a_change_is_whole_or_not_at_all(app, root, ann):
    assert is_refused(change(root, "json", app, disabled=True, roles=["editor"]), "beyond_own_rights")
    assert change(root, "json", app, disabled=True, roles=["emperor"]).status_code == 422
    assert is_in(ann)
    assert held(app, ANN) == []


# Nobody beyond their own rights (flaw 48)


@pytest.mark.asvs("8.2.1")
@pytest.mark.parametrize("face", FACES)
def test_nobody_gives_or_takes_what_they_may_not_do_themselves(app, root, ann, face):
    assert is_refused(change(root, face, app, roles=["editor"]), "beyond_own_rights")
    assert is_refused(change(root, face, app, ADMIN, roles=["admin", "editor"]), "beyond_own_rights")
    grant(app, ADMIN, "editor")
    assert done(change(root, face, app, roles=["editor"]))
    revoke(app, ADMIN, "editor")
    for wanted in ([], ["editor", "staff"]):
        assert is_refused(change(root, face, app, roles=wanted), "beyond_own_rights")
    assert held(app, ANN) == ["editor"]


@pytest.mark.parametrize("face", FACES)
def test_nobody_touches_a_user_who_may_do_more(app, root, ann, face):
    grant(app, ANN, "editor")
    assert is_refused(change(root, face, app, disabled=True), "beyond_own_rights")
    assert is_in(ann)
    page = root.get(f"/account/admin/users/{id_of(app)}").text
    assert '<input type="hidden" name="roles"' not in page
    assert 'name="disabled"' not in page


@pytest.mark.parametrize("face", FACES)
def test_an_administrator_is_not_made_unmade_or_shut_out_by_a_lesser_one(app, root, ann, face):
    lesser = helpdesk(app)
    assert is_refused(change(lesser, face, app, roles=["admin"]), "beyond_own_rights")
    assert is_refused(change(lesser, face, app, "help@example.test", roles=["helpdesk", "admin"]), "beyond_own_rights")
    assert is_refused(change(lesser, face, app, ADMIN, disabled=True), "beyond_own_rights")
    assert is_refused(change(lesser, face, app, ADMIN, roles=[]), "beyond_own_rights")
    assert held(app, ADMIN) == ["admin"]
    assert held(app, ANN) == []


@pytest.mark.parametrize("face", FACES)
def test_a_role_that_counts_by_its_name_is_handed_out_by_those_who_have_it(app, root, ann, face):
    """A host's view may ask `roles_required("staff")`, so that a role without permissions is worth something."""
    lesser = helpdesk(app)
    assert is_refused(change(lesser, face, app, roles=["staff"]), "beyond_own_rights")
    grant(app, "help@example.test", "staff")
    assert done(change(lesser, face, app, roles=["staff"]))


@pytest.mark.flaw(48)
@pytest.mark.parametrize("face", FACES)
def test_who_bears_a_role_that_counts_by_its_name_is_not_shut_out_by_one_who_lacks_it(app, root, ann, face):
    """A host's view may ask `roles_required("staff")`: nothing else says whether Ann stands above the helpdesk."""
    lesser = helpdesk(app, "posts:edit")
    grant(app, ANN, "staff")
    assert is_refused(change(lesser, face, app, disabled=True), "beyond_own_rights")
    assert is_refused(change(lesser, face, app, roles=["staff", "editor"]), "beyond_own_rights")
    assert 'name="disabled"' not in lesser.get(f"/account/admin/users/{id_of(app)}").text
    assert is_in(ann)
    grant(app, "help@example.test", "staff")
    assert done(change(lesser, face, app, disabled=True))


@pytest.mark.parametrize("face", FACES)
def test_an_administrator_shuts_out_who_bears_a_role_that_counts_by_its_name(app, root, ann, face):
    grant(app, ANN, "staff")
    assert done(change(root, face, app, disabled=True))


@pytest.mark.parametrize("face", FACES)
def test_a_lesser_one_looks_after_ordinary_users(app, root, ann, face):
    lesser = helpdesk(app, "posts:edit")
    assert done(change(lesser, face, app, roles=["editor"]))
    assert done(change(lesser, face, app, disabled=True))
    assert not is_in(ann)


def test_the_form_offers_the_roles_that_its_reader_can_give(app, root, ann):
    lesser = helpdesk(app, "posts:edit")
    page = lesser.get(f"/account/admin/users/{id_of(app)}").text
    boxes = re.findall(r'<input type="checkbox"[^>]*name="roles"[^>]*>', page)
    assert ["disabled" in box for box in boxes] == [True, False, False, True]  # admin, editor, helpdesk, staff
    assert done(change(lesser, "page", app, roles=["editor"]))
    assert held(app, ANN) == ["editor"]


# What must not happen


@pytest.mark.asvs("8.3.1")
@pytest.mark.parametrize("face", FACES)
def test_who_does_not_manage_users_changes_none(app, root, ann, face):
    for client in (ann, app.test_client()):
        for identifier in (ANN, ADMIN):
            answer = change(client, face, app, identifier, disabled=True, roles=["admin"])
            assert not done(answer) or "/account/login" in answer.location
    assert held(app, ANN) == []
    assert is_in(root)
    assert is_in(ann)


@pytest.mark.asvs("8.2.3", "15.3.3")
@pytest.mark.parametrize(
    "name", ["id", "email", "password", "is_admin", "permissions", "disabled_at", "security_version"]
)
def test_nothing_else_about_a_user_is_taken_from_the_body(app, root, ann, name):
    answer = change(root, "json", app, **{name: True})
    assert answer.json["fields"][name][0]["code"] == "unknown_field"
    root.post(f"/account/admin/users/{id_of(app)}", data={name: "x"}, headers=BROWSER)
    assert log_in(app.test_client(), ANN, PASSWORD).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"disabled": None}, {"disabled": "true"}, {"disabled": 1}, {"disabled": []}, {"roles": None},
        {"roles": "admin"}, {"roles": [None]}, {"roles": [["admin"]]}, {"roles": [1]}, {"roles": {"admin": True}},
        {"roles": [""]},
        {"roles": ["x" * 81]}, {"roles": ["a\0"]}, {"roles": ["\ud800"]}, {"roles": [str(n) for n in range(201)]},
        {"roles": ["' OR 1=1 --"]}, {"roles": ["%"]}, {"roles": ["Admin"]}, {"roles": ["admin "]},
    ],
)  # fmt: skip
def test_odd_changes_are_told_and_change_nothing(app, root, ann, body):
    answer = change(root, "json", app, **body)
    assert answer.status_code in (400, 422)
    assert held(app, ANN) == []
    assert is_in(ann)


@pytest.mark.asvs("7.5.3")
@pytest.mark.parametrize("face", FACES)
def test_changes_need_a_recent_proof_and_looking_does_not(app, root, ann, face):
    with clock.stopped() as now:
        now.forward(timedelta(minutes=16))
        assert root.get("/account/admin/users").status_code == 200
        assert root.get(f"/account/api/admin/users/{id_of(app)}").status_code == 200
        answer = change(root, face, app, disabled=True)
        if face == "json":
            assert answer.json["code"] == "reauthentication_required"
        else:
            assert "/account/reauthenticate" in answer.location
        assert is_in(ann)
        root.post("/account/api/reauthenticate", json={"password": PASSWORD})
        assert done(change(root, face, app, disabled=True))


def test_a_form_of_another_site_changes_nothing(app, root, ann):
    path = f"/account/admin/users/{id_of(app)}"
    assert root.post(path, data={"disabled": "true"}, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert root.get(f"{path}?disabled=true&roles=admin").status_code == 200
    assert is_in(ann)
    assert held(app, ANN) == []


@pytest.mark.parametrize("face", FACES)
def test_the_page_says_what_it_has_done(app, root, ann, face):
    for fields, words in (
        ({"disabled": True}, "logged out everywhere"),
        ({"disabled": False}, "can log in again"),
        ({"roles": ["staff"]}, "are saved"),
    ):
        assert words in root.get(change(root, "page", app, **fields).location).text


def test_a_user_who_is_gone_is_not_found(app, root, ann):
    house, user_id = house_of(app), id_of(app)
    with house.write() as unit:
        unit.session.delete(unit.session.get(house.store.user_model, user_id))
    with pytest.raises(NotFound):
        actions.change(house, id_of(app, ADMIN), user_id, actions.Wanted(disabled=True))


def test_a_user_whom_the_host_made_by_itself_can_be_disabled(app, root):
    house = house_of(app)
    with house.write() as unit:
        unit.execute(house.store.user_model.__table__.insert().values(id=77, name="Old"))
    for path in ("", "/77"):
        assert root.get(f"/account/admin/users{path}").status_code == 200
    answer = root.patch("/account/api/admin/users/77", json={"disabled": True, "roles": ["staff"]})
    assert answer.status_code == 200, answer.text
    assert answer.json["disabled_at"]
    assert answer.json["roles"] == ["staff"]


def test_an_operator_disables_without_asking(app, root):
    disabled = heard(app, UserDisabled)
    user_id = id_of(app, ADMIN)
    house_of(app).run(lambda unit: actions.set_disabled(unit, user_id, True))
    assert not is_in(root)
    assert disabled[0].actor is None
