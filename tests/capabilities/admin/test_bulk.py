"""Several users at once: all that can be done is done, the rest is told, and nothing is allowed that singly isn't."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from housekey.capabilities.admin.events import ResetLinkSent, UserDisabled
from housekey.capabilities.notices import freezing
from housekey.kernel import clock
from housekey.login.events import SessionEnded
from housekey.store import users
from housekey.testing import make_user
from housekey.testing.mailbox import Mailbox
from rig.apps import log_in, registered, small_app
from rig.audit import entries
from rig.mailed import OURS, operator, token_in
from rig.people import ADMIN, administrator, grant, heard, held, house_of, id_of, role

ANN, BOB, CORA = "ann@example.test", "bob@example.test", "cora@example.test"
FACES = ["page", "json"]
A, B, C = "a@example.test", "b@example.test", "c@example.test"


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def root(app):
    return administrator(app, name="Root")


@pytest.fixture
def people(app):
    return {email: registered(app, email, name=email.partition("@")[0].title()) for email in (ANN, BOB, CORA)}


def together_do(client, app, action, *emails, face="json"):
    """What became of each, by address: None, or why not."""
    ids = {str(id_of(app, email)): email for email in emails}
    if face == "json":
        answer = client.post("/account/api/admin/bulk", json={"action": action, "ids": list(ids)})
        assert answer.status_code == 200, answer.text
        return {ids[it["id"]]: it["refusal"] and it["refusal"]["code"] for it in answer.json["results"]}
    asked = client.get("/account/admin/bulk", query_string={"action": action, "ids": list(ids)})
    assert all(email in asked.text for email in emails)
    form = {"action": action, "ids": re.findall(r'name="ids" value="([^"]*)"', asked.text)}
    done = client.post("/account/admin/bulk/done", data=form, headers=OURS)
    assert done.status_code == 200, done.text
    rows = re.findall(r'<li class="hk-row">(.*?)</li>', done.text, re.DOTALL)
    return {next(e for e in emails if e in row): "refused" if "Not done" in row else None for row in rows}


def is_in(client):
    return client.get("/account/api/me").status_code == 200


@pytest.mark.parametrize("face", FACES)
def test_several_are_disabled_and_enabled_and_the_log_names_who_did_it(app, root, people, face):
    disabled = heard(app, UserDisabled)
    assert together_do(root, app, "disable", ANN, BOB, face=face) == {ANN: None, BOB: None}
    assert [is_in(people[email]) for email in (ANN, BOB, CORA)] == [False, False, True]
    by = id_of(app, ADMIN)
    assert [(event.user_id, event.actor) for event in disabled] == [(id_of(app, ANN), by), (id_of(app, BOB), by)]
    told = [entry for entry in entries(app) if entry["event"] == "UserDisabled"]
    assert [(entry["actor"], entry["outcome"]) for entry in told] == [(str(by), "success")] * 2
    assert together_do(root, app, "enable", ANN, BOB, face=face) == {ANN: None, BOB: None}
    assert log_in(app.test_client(), ANN).status_code == 200


@pytest.mark.asvs("7.4.5")
@pytest.mark.parametrize("face", FACES)
def test_several_are_logged_out_everywhere(app, root, people, face):
    ended = heard(app, SessionEnded)
    result = together_do(root, app, "end_sessions", ANN, BOB, ADMIN, face=face)
    assert (result[ANN], result[BOB]) == (None, None)
    assert result[ADMIN], "the own sessions end on the page of sessions"
    assert [is_in(people[email]) for email in (ANN, BOB, CORA)] == [False, False, True]
    assert is_in(root)
    assert {event.why for event in ended} == {"administrator"}
    told = [entry for entry in entries(app) if entry["event"] == "SessionEnded"]
    assert {entry["actor"] for entry in told} == {str(id_of(app, ADMIN))}


@pytest.mark.asvs("6.4.6")
@pytest.mark.parametrize("face", FACES)
def test_links_to_new_passwords_go_to_those_who_can_use_them(app, root, people, face):
    operator(app, "users", "disable", BOB)
    house_of(app).run(lambda unit: freezing.freeze(unit, users.lock(unit.session, unit.schema, id_of(app, CORA))))
    sent = heard(app, ResetLinkSent)
    result = together_do(root, app, "send_reset_link", ANN, BOB, CORA, face=face)
    assert (result[ANN], bool(result[BOB]), bool(result[CORA])) == (None, True, True)
    assert [(event.user_id, event.actor) for event in sent] == [(id_of(app, ANN), id_of(app, ADMIN))]
    assert [mail.to for mail in Mailbox(app).messages if "new password" in mail.subject] == [ANN]
    assert "Those who look after small send you a link" in Mailbox(app).last(to=ANN).text
    assert is_in(people[ANN]), "a mail ends nothing"
    done = app.test_client().post(
        "/account/api/password/reset", json={"token": token_in(app, ANN), "password": "another horse battery staple"}
    )
    assert done.status_code == 204
    again = together_do(root, app, "send_reset_link", BOB, face=face)
    assert again[BOB]


def test_a_second_link_a_moment_later_is_not_sent_and_said_so(app, root, people):
    path = f"/account/api/admin/users/{id_of(app, ANN)}/reset-link"
    assert root.post(path).status_code == 202
    again = root.post(path)
    assert (again.status_code, again.json["code"]) == (409, "conflict")
    page = root.post(f"/account/admin/users/{id_of(app, ANN)}/reset-link", headers=OURS)
    assert page.status_code == 409
    assert "It works still" in page.text
    assert len(Mailbox(app)) == 1


def test_whoever_has_no_address_gets_no_link_and_that_is_said(app, root):
    user_id = make_user(app, email=None, username="nell").id
    answer = root.post(f"/account/api/admin/users/{user_id}/reset-link")
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
    assert "address" in answer.json["title"]


def test_no_link_is_sent_where_passwords_are_not_reset_by_mail(app, root):
    closed = small_app(HOUSEKEY_RECOVERY_OPEN=False)
    boss = administrator(closed)
    registered(closed)
    assert boss.post(f"/account/api/admin/users/{id_of(closed)}/reset-link").status_code == 403


@pytest.mark.parametrize("face", FACES)
def test_one_is_logged_out_or_sent_a_link_on_the_page_of_the_user(app, root, people, face):
    key = id_of(app, ANN)
    if face == "json":
        assert root.post(f"/account/api/admin/users/{key}/reset-link").status_code == 202
        assert root.delete(f"/account/api/admin/users/{key}/sessions").status_code == 204
    else:
        assert root.post(f"/account/admin/users/{key}/reset-link", headers=OURS).status_code == 303
        assert root.post(f"/account/admin/users/{key}/end-sessions", headers=OURS).status_code == 303
    assert not is_in(people[ANN])
    assert Mailbox(app).last(to=ANN).links


@pytest.mark.flaw(48)
@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("action", ["disable", "enable", "end_sessions", "send_reset_link"])
def test_nobody_touches_those_who_may_more(app, root, people, face, action):
    role(app, "helpdesk", "users:manage")
    helper = registered(app, "help@example.test")
    grant(app, "help@example.test", "helpdesk")
    result = together_do(helper, app, action, ADMIN, ANN, face=face)
    assert result[ADMIN]
    assert result[ANN] is None
    assert is_in(root)
    assert [mail for mail in Mailbox(app).messages if mail.to == ADMIN] == []


@pytest.mark.flaw(48)
@pytest.mark.parametrize("face", FACES)
def test_the_own_account_is_left_when_all_are_selected(app, root, people, face):
    second = administrator(app, A)
    result = together_do(root, app, "disable", ANN, ADMIN, A, face=face)
    assert result[ANN] is None
    assert result[A] is None
    assert result[ADMIN]
    assert is_in(root)
    assert not is_in(second)


@pytest.mark.parametrize("method", ["bulk", "single"])
def test_only_those_who_manage_users_do_so_and_only_shortly_after_a_proof(app, root, people, method):
    body = {"action": "disable", "ids": [str(id_of(app, BOB))]}
    calls = {
        "bulk": [("POST", "/account/api/admin/bulk", body)],
        "single": [
            ("POST", f"/account/api/admin/users/{id_of(app, BOB)}/reset-link", None),
            ("DELETE", f"/account/api/admin/users/{id_of(app, BOB)}/sessions", None),
        ],
    }[method]
    for verb, path, sent in calls:
        assert people[ANN].open(path, method=verb, json=sent).status_code == 403
        assert app.test_client().open(path, method=verb, json=sent).status_code == 401
        cross = root.open(path, method=verb, json=sent, headers={"Sec-Fetch-Site": "cross-site"})
        assert (cross.status_code, cross.json["code"]) == (403, "cross_site")
    with clock.stopped() as time:
        browser = app.test_client()
        log_in(browser, ADMIN)
        time.forward(timedelta(hours=1))
        for verb, path, sent in calls:
            assert browser.open(path, method=verb, json=sent).json["code"] == "reauthentication_required"
    assert is_in(people[BOB])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"action": "delete", "ids": ["1"]},
        {"action": "disable", "ids": []},
        {"action": "disable", "ids": ["1"] * 101},
        {"action": "disable", "ids": ["x" * 300]},
    ],
)
def test_odd_wishes_are_refused_as_a_whole(app, root, people, body):
    assert root.post("/account/api/admin/bulk", json=body).status_code == 422
    assert root.post("/account/admin/bulk/done", data=body, headers=OURS).status_code == 422
    assert all(is_in(client) for client in people.values())


@pytest.mark.parametrize("ids", ["1", [1], [None], {"1": 1}])
def test_keys_are_texts_in_a_list(root, ids):
    assert root.post("/account/api/admin/bulk", json={"action": "disable", "ids": ids}).status_code == 422


def test_a_key_of_nobody_is_told_and_the_others_are_done(app, root, people):
    ids = ["999", "nobody", "\u0661", str(id_of(app, ANN)), str(id_of(app, ANN)), "9" * 60]
    answer = root.post("/account/api/admin/bulk", json={"action": "disable", "ids": ids}).json["results"]
    assert [(it["id"], it["refusal"] and it["refusal"]["code"]) for it in answer] == [
        ("999", "not_found"),
        ("nobody", "not_found"),
        ("\u0661", "not_found"),
        (str(id_of(app, ANN)), None),
        ("9" * 60, "not_found"),
    ]


def test_nobody_selected_leads_back_with_a_hint(root):
    page = root.get("/account/admin/bulk?action=disable", follow_redirects=True)
    assert page.request.path == "/account/admin/users"
    assert "Select at least one user" in page.text


def test_the_page_of_a_user_shows_the_history_to_those_who_may_read_the_log(app, root, people):
    role(app, "helpdesk", "users:manage")
    helper = registered(app, "help@example.test")
    grant(app, "help@example.test", "helpdesk")
    together_do(root, app, "disable", ANN)
    for client, shown in ((root, True), (helper, False)):
        page = client.get(f"/account/admin/users/{id_of(app, ANN)}").text
        assert ("Account disabled" in page) is shown
        assert ("/account/admin/activity?user=" in page) is shown


@pytest.mark.flaw(48)
@pytest.mark.parametrize("turn", [1, 2, 3])
def test_administrators_who_disable_all_others_at_once_leave_one(together, database_url, turn):
    app = small_app(database_url)
    clients = {email: administrator(app, email) for email in (A, B, C)}
    ids = {email: str(id_of(app, email)) for email in clients}

    def act(number):
        email = list(clients)[number]
        others = [key for other, key in ids.items() if other != email]
        return clients[email].post("/account/api/admin/bulk", json={"action": "disable", "ids": others})

    answers = together(3, act)
    assert {answer.status_code for answer in answers} <= {200, 401, 403}
    able = [email for email, client in clients.items() if client.get("/account/api/admin/users").status_code == 200]
    assert len(able) == 1
    assert held(app, able[0]) == ["admin"]
