"""People come in by a mail, with roles that whoever invites may give, and that still at the moment they come."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from housekey import Housekey, UserMixin
from housekey.capabilities.invitations.events import InvitationAccepted, InvitationSent, InvitationWithdrawn
from housekey.capabilities.notices import freezing
from housekey.capabilities.registration import actions as registration
from housekey.capabilities.roles import actions as roles
from housekey.capabilities.roles.events import RoleGranted
from housekey.kernel import clock
from housekey.store import users
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, QUICK, log_in, registered, small_app
from rig.hosts import COMPANY, host_app
from rig.mailed import OURS, operator, token_in
from rig.people import ADMIN, administrator, grant, heard, held, house_of, id_of, revoke, role
from rig.threads import together

NEW, ANN, HELP = "new@example.test", "ann@example.test", "help@example.test"
LIST = "/account/api/admin/invitations"
FACES = ["page", "json"]
MARKS = re.compile(r'"id": ?"[^"]*"|name="_csrf" value="[^"]*"|invitations/[\w-]{22}|token" content="[^"]*"')


def app_on(url="sqlite://", **settings):
    """Registration is closed: an invitation is the way in. Its people are made by the operator."""
    app = small_app(url, HOUSEKEY_REGISTRATION_OPEN=False, **settings)
    role(app, "staff")
    role(app, "editor", "posts:edit")
    return app


@pytest.fixture
def app():
    return app_on()


@pytest.fixture
def every_app(database_url):
    return app_on(database_url)


def logged_in(app, email, *names, **more):
    """A browser of somebody with these roles, in an app where nobody can register."""
    with app.app_context():
        wanted = registration.Wanted(email, registration.Secret(PASSWORD), **more)
        registration.enrol(house_of(app), wanted)
    if names:
        grant(app, email, *names)
    client = app.test_client()
    assert log_in(client, email).status_code == 200
    return client


def root_of(app):
    return logged_in(app, ADMIN, "admin", name="Root")


def helper(app, *permissions, email=HELP):
    """Somebody who may invite, and manages nobody."""
    role(app, "greeter", "users:invite", *permissions)
    return logged_in(app, email, "greeter", name="Click http://evil.test now")


@pytest.fixture
def root(app):
    return root_of(app)


def invite(client, email=NEW, names=(), face="json"):
    if face == "json":
        return client.post(LIST, json={"email": email, "roles": list(names)})
    return client.post("/account/admin/invitations", data={"email": email, "roles": list(names)}, headers=OURS)


def come(app, token, face="json", password=PASSWORD, **more):
    """Use an invitation in a browser of one's own."""
    client = app.test_client()
    if face == "json":
        return client.post("/account/api/register/invited", json={"token": token, "password": password, **more})
    page = client.get(f"/account/register/invited?token={token}", follow_redirects=True)
    if page.request.path != "/account/register/invited":
        return page
    return client.post("/account/register/invited", data={"password": password, **more}, headers=OURS)


def came(answer):
    return answer.status_code in (201, 303)


def listed(client):
    return client.get(LIST).json["invitations"]


# The way in


@pytest.mark.flaw(44)
@pytest.mark.parametrize("face", FACES)
def test_an_invitation_is_the_way_in_where_registration_is_closed(app, root, face):
    assert app.test_client().post("/account/api/register", json={"email": NEW, "password": PASSWORD}).status_code == 403
    assert invite(root, names=["staff"], face=face).status_code in (201, 303)
    assert came(come(app, token_in(app, NEW), face, name="Nora"))
    assert held(app, NEW) == ["staff"]
    assert log_in(app.test_client(), NEW).status_code == 200
    shown = operator(app, "users", "show", NEW, "--json").output
    assert '"email_verified_at": "2' in shown, "whoever reads the mail has confirmed the address"
    assert '"name": "Nora"' in shown
    assert listed(root) == []


@pytest.mark.asvs("2.2.3")
@pytest.mark.flaw(29)
@pytest.mark.parametrize("face", FACES)
def test_it_is_bound_to_its_address(app, root, face):
    invite(root)
    answer = come(app, token_in(app, NEW), face, email="other@example.test")
    if face == "json":
        assert answer.json["fields"]["email"][0]["code"] == "unknown_field"
    else:
        assert came(answer)
        assert id_of(app, NEW)
    assert "other@example.test" not in operator(app, "users", "list").output


@pytest.mark.asvs("6.4.1")
@pytest.mark.flaw(23, 29)
@pytest.mark.parametrize("face", FACES)
def test_it_works_once_and_looking_spends_nothing(app, root, face):
    invite(root)
    token = token_in(app, NEW)
    for _scanner in range(3):
        assert (
            "invited to"
            in app.test_client().get(f"/account/register/invited?token={token}", follow_redirects=True).text
        )
    weak = come(app, token, face, password="short")
    assert weak.status_code == 422
    assert came(come(app, token, face))
    again = come(app, token, face)
    assert again.status_code == 410 or again.request.path == "/account/login"


def test_a_second_mail_ends_the_link_of_the_first_and_so_does_a_withdrawal(app, root):
    first = invite(root).json
    old = token_in(app, NEW)
    again = root.post(f"{LIST}/{first['id']}/send-again").json
    assert (again["id"], again["email"]) == (first["id"], NEW)
    new = token_in(app, NEW)
    assert come(app, old).status_code == 410
    invite(root, names=["staff"])
    assert come(app, new).status_code == 410, "inviting anew takes the place of the former one"
    assert [it["roles"] for it in listed(root)] == [["staff"]]
    latest = token_in(app, NEW)
    withdrawn = heard(app, InvitationWithdrawn)
    assert root.delete(f"{LIST}/{listed(root)[0]['id']}").status_code == 204
    assert come(app, latest).status_code == 410
    assert listed(root) == []
    assert [(event.user_id, event.actor) for event in withdrawn] == [(id_of(app, ADMIN),) * 2]


@pytest.mark.flaw(24, 29)
def test_inviting_anew_takes_its_place_however_the_address_is_written(app, root):
    invite(root, names=["staff"])
    old = token_in(app, NEW)
    invite(root, NEW.upper())
    assert [it["roles"] for it in listed(root)] == [[]]
    assert come(app, old).status_code == 410


@pytest.mark.asvs("6.4.1")
@pytest.mark.flaw(29)
def test_it_ends_with_its_time(app, root):
    with clock.stopped() as time:
        invite(root)
        token = token_in(app, NEW)
        time.forward(timedelta(days=7) - timedelta(seconds=1))
        assert len(listed(root_again(app))) == 1
        time.forward(timedelta(seconds=2))
        assert come(app, token).status_code == 410
        assert listed(root_again(app)) == []


def root_again(app):
    client = app.test_client()
    assert log_in(client, ADMIN).status_code == 200
    return client


def test_the_fields_of_the_host_are_asked_for():
    app = host_app(HOUSEKEY_REGISTRATION_OPEN=False)
    operator(app, "users", "invite", NEW)
    token = token_in(app, NEW)
    page = app.test_client().get(f"/account/register/invited?token={token}", follow_redirects=True)
    assert 'name="company"' in page.text
    assert come(app, token).json["fields"].keys() == {"company"}
    assert come(app, token, **COMPANY).json["user"]["profile"]["company"] == "Acme"


def test_the_operator_invites_an_administrator_and_the_link_is_not_printed(app):
    said = operator(app, "users", "invite", NEW, "--role", "admin")
    token = token_in(app, NEW)
    assert said.exit_code == 0, said.output
    assert token not in said.output
    assert came(come(app, token))
    assert held(app, NEW) == ["admin"]
    assert "There is an account with this address already" in operator(app, "users", "invite", NEW).output
    assert operator(app, "users", "invite", "x@example.test", "--role", "nonsense").exit_code == 1
    assert operator(app, "users", "invite", "no address").exit_code == 1
    assert len(Mailbox(app)) == 1


def test_what_happens_is_told(app, root):
    sent, accepted, granted = heard(app, InvitationSent), heard(app, InvitationAccepted), heard(app, RoleGranted)
    invite(root, names=["staff"])
    come(app, token_in(app, NEW))
    by = id_of(app, ADMIN)
    assert [(event.user_id, event.email, event.roles) for event in sent] == [(by, NEW, ("staff",))]
    assert [(event.user_id, event.inviter) for event in accepted] == [(id_of(app, NEW), by)]
    assert [(event.user_id, event.role, event.actor) for event in granted] == [(id_of(app, NEW), "staff", by)]


# On whose word


@pytest.mark.flaw(48)
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("name", ["admin", "editor", "staff"])
def test_nobody_invites_with_more_than_they_have_themselves(app, root, face, name):
    client = helper(app)
    refused = invite(client, names=[name], face=face)
    assert refused.status_code == 403
    assert len(Mailbox(app)) == 0
    grant(app, HELP, name)
    assert invite(client, names=[name], face=face).status_code in (201, 303)


@pytest.mark.flaw(46)
@pytest.mark.parametrize("face", FACES)
def test_it_takes_the_permission_and_managing_users_is_not_it(app, face):
    role(app, "helpdesk", "users:manage")
    client = logged_in(app, ANN, "helpdesk")
    assert invite(client, face=face).status_code == 403
    assert client.get("/account/admin/invitations").status_code == 403
    assert client.get(LIST).status_code == 403
    assert client.delete(f"{LIST}/x").status_code == 403


@pytest.mark.parametrize("face", FACES)
def test_a_role_that_does_not_exist_and_an_odd_address_are_refused(app, root, face):
    assert invite(root, names=["nonsense"], face=face).status_code == 422
    for odd in ("nobody", "a@b@c", "a@example.test\r\nBcc: b@example.test", "", "x" * 300 + "@example.test"):
        assert invite(root, odd, face=face).status_code == 422, odd
    assert len(Mailbox(app)) == 0


def demote(app):
    revoke(app, HELP, "greeter")


def disable(app):
    assert operator(app, "users", "disable", HELP).exit_code == 0


def freeze(app):
    def verb(unit):
        freezing.freeze(unit, users.lock(unit.session, unit.schema, id_of(app, HELP)))

    house_of(app).run(verb)


def take_the_role(app):
    revoke(app, HELP, "editor")


def take_the_permission(app):
    role(app, "greeter")


def raise_the_role(app):
    role(app, "editor", "posts:edit", "posts:delete")
    revoke(app, HELP, "editor")


def delete_the_role(app):
    house_of(app).run(lambda unit: roles.delete(unit, "editor"))


def delete_the_inviter(app):
    assert operator(app, "users", "delete", HELP, "--yes").exit_code == 0


def change_the_password(app):
    """Whoever had stolen the account might have invited themselves."""
    done = app.test_cli_runner().invoke(
        operator.__globals__["cli"],
        ["users", "set-password", HELP, "--password-stdin"],
        input="a new long passphrase\n",
    )
    assert done.exit_code == 0, done.output


CHANGES = [
    demote, disable, freeze, take_the_role, take_the_permission, raise_the_role, delete_the_role, delete_the_inviter,
    change_the_password,
]  # fmt: skip


@pytest.mark.flaw(48)
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("change", CHANGES)
def test_it_holds_only_as_long_as_whoever_sent_it_could_send_it(app, root, face, change):
    client = helper(app)
    grant(app, HELP, "editor")
    assert invite(client, names=["editor"]).status_code == 201
    token = token_in(app, NEW)
    change(app)
    answer = come(app, token, face)
    assert answer.status_code == 410 or answer.request.path == "/account/login"
    assert NEW not in operator(app, "users", "list").output
    if change is not delete_the_inviter:
        assert [it["holds"] for it in listed(root)] == [False]
        assert "Works no more" in root.get("/account/admin/invitations").text


@pytest.mark.flaw(29, 48)
@pytest.mark.parametrize("face", FACES)
def test_a_demotion_after_the_last_look_and_before_the_use_counts(app, face, monkeypatch):
    client = helper(app)
    grant(app, HELP, "editor")
    assert invite(client, names=["editor"]).status_code == 201
    token, create = token_in(app, NEW), registration.create

    def create_later(*arguments, **more):
        demote(app)
        return create(*arguments, **more)

    monkeypatch.setattr(registration, "create", create_later)
    assert come(app, token, face).status_code == {"page": 303, "json": 410}[face]
    assert NEW not in operator(app, "users", "list").output


def test_a_disabled_inviter_enabled_again_does_not_bring_it_back_and_somebody_else_does(app, root):
    client = helper(app)
    invite(client)
    token = token_in(app, NEW)
    disable(app)
    operator(app, "users", "enable", HELP)
    assert come(app, token).status_code == 410
    root.post(f"{LIST}/{listed(root)[0]['id']}/send-again")
    assert [(it["inviter"]["name"], it["holds"]) for it in listed(root)] == [("Root", True)]
    assert came(come(app, token_in(app, NEW)))


def test_somebody_who_may_give_less_does_not_send_it_again(app, root):
    role(app, "helpdesk", "users:manage", "users:invite")
    client = logged_in(app, ANN, "helpdesk")
    sent = invite(root, names=["admin"]).json
    assert client.post(f"{LIST}/{sent['id']}/send-again").json["code"] == "beyond_own_rights"
    assert client.delete(f"{LIST}/{sent['id']}").json["code"] == "beyond_own_rights"


# What is learnt


def test_those_who_manage_users_are_told_that_an_address_has_an_account(app, root):
    logged_in(app, ANN)
    for face in FACES:
        assert invite(root, ANN, face=face).status_code == 422
    fault = invite(root, ANN.upper()).json["fields"]["email"][0]
    assert (fault["code"], "Log in" in fault["text"]) == ("email_taken", False), "whoever invites is logged in"
    assert len(Mailbox(app)) == 0


def without_marks(answer):
    text = re.sub(
        r'"id": ?"[^"]*"|name="_csrf" value="[^"]*"|invitations/[\w-]{22}|token" content="[^"]*"', "", answer.text
    )
    text = re.sub(r"20\d\d-[-\d:T, .]+", "WHEN", text)
    return text.replace(ANN, "ADDRESS").replace(NEW, "ADDRESS").replace("dis@example.test", "ADDRESS")


@pytest.mark.flaw(11)
@pytest.mark.asvs("6.3.8")
def test_others_learn_nothing_neither_at_once_nor_from_the_list(app):
    logged_in(app, ANN)
    logged_in(app, "dis@example.test")
    operator(app, "users", "disable", "dis@example.test")
    client, seen = helper(app), []
    client.get("/account/admin/invitations")  # the browser has its cookies
    for email in (NEW, ANN, "dis@example.test"):
        told = [invite(client, email), client.get(LIST), client.get("/account/admin/invitations")]
        item = client.get(LIST).json["invitations"][0]["id"]
        told += [client.post(f"{LIST}/{item}/send-again"), invite(client, email, face="page")]
        told += [client.get("/account/admin/invitations")]
        seen.append([(answer.status_code, without_marks(answer), sorted(dict(answer.headers))) for answer in told])
        item = client.get(LIST).json["invitations"][0]["id"]
        assert client.delete(f"{LIST}/{item}").status_code == 204
    assert seen[0] == seen[1] == seen[2]


@pytest.mark.flaw(11)
def test_an_address_with_an_account_costs_as_many_statements_as_one_without(app):
    logged_in(app, ANN)
    client, asked = helper(app), []
    sa.event.listen(house_of(app).store.engine, "before_cursor_execute", lambda *about: asked.append(about[2]))

    def cost(email):
        asked.clear()
        assert invite(client, email).status_code == 201
        return len(asked)

    cost("warm@example.test")
    assert cost(ANN) == cost(NEW)


def test_the_owner_of_a_taken_address_is_told_and_gets_no_role(app):
    logged_in(app, ANN)
    client = helper(app)
    grant(app, HELP, "editor")
    invite(client, ANN, ["editor"])
    mail = Mailbox(app).last(to=ANN)
    assert "already" in mail.subject
    assert "token=" not in mail.text + mail.html
    assert held(app, ANN) == []


@pytest.mark.flaw(60)
def test_the_mail_names_no_one_but_by_a_confirmed_address(app):
    client = helper(app)
    invite(client)
    mail = Mailbox(app).last(to=NEW)
    assert "evil" not in mail.text + mail.html + mail.subject
    assert HELP not in mail.text
    house_of(app).run(lambda unit: users.mark_verified(unit.session, unit.schema, id_of(app, HELP), HELP))
    client.post(f"{LIST}/{listed(client)[0]['id']}/send-again")
    mail = Mailbox(app).last(to=NEW)
    assert f"{HELP} invites you" in mail.text
    assert "evil" not in mail.text + mail.html + mail.subject


def test_one_sees_and_touches_ones_own_invitations_alone_unless_one_manages_users(app, root):
    client = helper(app)
    by_root, own = invite(root).json["id"], invite(client, "bob@example.test").json["id"]
    assert [it["email"] for it in listed(client)] == ["bob@example.test"]
    assert NEW not in client.get("/account/admin/invitations").text
    assert client.delete(f"{LIST}/{by_root}").status_code == 404
    assert client.post(f"{LIST}/{by_root}/send-again").status_code == 404
    assert [it["email"] for it in listed(root)] == ["bob@example.test", NEW]
    assert root.delete(f"{LIST}/{own}").status_code == 204


def test_an_address_that_has_an_account_meanwhile_is_shown_to_the_login(app, root):
    invite(root)
    token = token_in(app, NEW)
    logged_in(app, NEW)
    assert come(app, token).status_code == 410
    page = come(app, token, "page")
    assert page.request.path == "/account/login"
    assert "You have an account with this address already" in page.text


# How many


def test_one_person_sends_so_many_a_day_and_one_address_gets_so_many_an_hour(app):
    with clock.stopped() as time:
        client = helper(app_of_few := app_on(HOUSEKEY_INVITATIONS_PER_DAY=3))
        for number in range(3):
            assert invite(client, f"n{number}@example.test").status_code == 201
        refused = invite(client, "n3@example.test")
        assert (refused.status_code, refused.json["code"]) == (429, "too_many_invitations")
        assert invite(client, "n3@example.test", face="page").status_code == 429
        assert len(listed(client)) == 3
        time.forward(timedelta(hours=25))
        client = app_of_few.test_client()
        log_in(client, HELP)
        assert invite(client, "n3@example.test").status_code == 201
    client = helper(app)
    answers = [invite(client).status_code for _again in range(6)]
    assert answers == [201] * 5 + [429]
    assert len(Mailbox(app)) == 5
    assert len(listed(client)) == 1, "a refusal leaves the invitation as it was"
    assert came(come(app, token_in(app, NEW)))


def test_fifty_stand_on_a_page_and_none_on_two(app, root):
    for number in range(60):
        assert invite(root, f"n{number}@example.test").status_code == 201
    first = root.get(LIST).json
    second = root.get(LIST, query_string={"after": first["next"]}).json
    found = [it["email"] for it in [*first["invitations"], *second["invitations"]]]
    assert found == [f"n{number}@example.test" for number in reversed(range(60))]
    assert (len(first["invitations"]), second["next"]) == (50, None)
    page = root.get("/account/admin/invitations").text
    rest = re.search(r'href="(/account/admin/invitations\?after=[^"]*)"', page)[1]
    assert "n0@example.test" in root.get(rest).text


@pytest.mark.parametrize("after", ["x", "W10", "WzEsMl0", "bnVsbA", "WyJ4IiwieSJd", "é", "[" * 700, "Wy0xLCJhIl0"])
def test_a_cursor_of_nothing_is_refused(root, after):
    for path in (LIST, "/account/admin/invitations"):
        assert root.get(path, query_string={"after": after}).status_code == 422


# At the same moment


@pytest.mark.flaw(25)
def test_of_parallel_comers_one_gets_the_account(every_app):
    root = root_of(every_app)
    invite(root, names=["staff"])
    token = token_in(every_app, NEW)
    answers = together(4, lambda number: come(every_app, token, password=f"{number} horse battery staple for good"))
    assert sorted(answer.status_code for answer in answers) == [201, 410, 410, 410]
    assert held(every_app, NEW) == ["staff"]


@pytest.mark.flaw(48)
def test_of_a_demotion_and_a_use_at_the_same_moment_each_may_come_first_and_nothing_is_half(every_app):
    client = helper(every_app)
    grant(every_app, HELP, "editor")
    invite(client, names=["editor"])
    token = token_in(every_app, NEW)

    def act(number):
        return demote(every_app) if number else come(every_app, token)

    used, _none = together(2, act)
    assert used.status_code in (201, 410)
    there = NEW in operator(every_app, "users", "list").output
    assert there == (used.status_code == 201)
    if there:
        assert held(every_app, NEW) == ["editor"]


def test_two_who_invite_one_address_at_once_both_have_sent_it(every_app):
    root, client = root_of(every_app), helper(every_app)
    answers = together(2, lambda number: invite([root, client][number]))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(listed(root)) == 2
    assert came(come(every_app, token_in(every_app, NEW)))
    assert listed(root) == [], "one that is used ends the others to the address"


def test_open_registration_does_not_stand_in_the_way():
    app = small_app()
    invite(administrator(app))
    assert came(come(app, token_in(app, NEW)))
    assert registered(app, "else@example.test")


@pytest.mark.flaw(48)
def test_nobody_withdraws_the_invitation_of_somebody_above_oneself(app, root):
    sent = invite(root, names=["staff"]).json
    role(app, "helpdesk", "users:manage", "users:invite")
    desk = logged_in(app, "desk@example.test", "helpdesk")
    assert desk.delete(f"{LIST}/{sent['id']}").status_code == 403
    assert len(listed(root)) == 1
    own = invite(desk, "other@example.test").json
    assert desk.delete(f"{LIST}/{own['id']}").status_code == 204
    assert root.delete(f"{LIST}/{sent['id']}").status_code == 204


@pytest.mark.parametrize("face", FACES)
def test_nobody_is_invited_where_nothing_fills_a_column_and_whoever_invites_hears_so(face, sqlite_url, caplog):
    """With registration closed nothing else looks, and it would be told to whoever has opened the mail."""
    app = unfillable(sqlite_url)
    admin = app.test_client()
    assert log_in(admin, ANN).status_code == 200
    answer = (
        admin.post(LIST, json={"email": NEW}) if face == "json"
        else admin.post("/account/admin/invitations", data={"email": NEW}, headers=OURS)
    )  # fmt: skip
    assert answer.status_code == 409
    assert "make new accounts yet" in answer.text
    assert "nothing fills User.company" in caplog.text
    assert len(Mailbox(app)) == 0


def test_the_operator_hears_which_column_it_is(sqlite_url):
    app = unfillable(sqlite_url)
    refused = operator(app, "users", "invite", NEW)
    assert refused.exit_code == 1
    assert "Nobody who is invited can register: nothing fills User.company, which is NOT NULL." in refused.output
    assert "registration" in operator(app, "doctor").output


def unfillable(url):
    """Only the host itself makes accounts: `company` is NOT NULL, and nobody is asked for it."""
    app, db = Flask("host"), SQLAlchemy()
    app.config.update(QUICK, SECRET_KEY="of a test, more than 32 characters", SQLALCHEMY_DATABASE_URI=url)
    app.config["HOUSEKEY_REGISTRATION_OPEN"] = False
    db.init_app(app)

    class User(UserMixin, db.Model):
        id = db.Column(db.Integer, primary_key=True)
        company = db.Column(db.String(40), nullable=False)

    Housekey(app, db)
    with app.app_context():
        db.create_all()
        ann = User(email=ANN, company="hers")
        ann.set_password(PASSWORD)
        db.session.add(ann)
        db.session.commit()
        grant(app, ANN, roles.ADMIN)
    return app
