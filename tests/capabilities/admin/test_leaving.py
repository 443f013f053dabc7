"""Administrators close accounts and keep them, and that stays on record."""

from __future__ import annotations

import pytest

from housekey.capabilities.leaving.events import ClosingBegun, ClosingStopped
from housekey.testing.mailbox import Mailbox
from rig.apps import registered, small_app
from rig.leaving import facts, sweep_after
from rig.mailed import OURS, operator
from rig.people import administrator, grant, heard, id_of, role

ANN = "ann@example.test"


@pytest.fixture
def app():
    return small_app()


@pytest.fixture
def ann(app):
    return registered(app)


@pytest.fixture
def root(app, ann):
    return administrator(app)


def close(client, user_id, wanted=True, *, by_form=False):
    if by_form:
        data = {"closing": "true" if wanted else "false"}
        return client.post(f"/account/admin/users/{user_id}", data=data, headers=OURS)
    return client.patch(f"/account/api/admin/users/{user_id}", json={"closing": wanted})


@pytest.mark.asvs("7.4.5")
@pytest.mark.parametrize("by_form", [True, False])
def test_an_administrator_closes_an_account_and_keeps_it_again(app, ann, root, by_form):
    begun, stopped = heard(app, ClosingBegun), heard(app, ClosingStopped)
    user_id, actor = id_of(app), id_of(app, "root@example.test")
    assert close(root, user_id, by_form=by_form).status_code in (200, 303)
    assert ann.get("/private").status_code == 302
    page = root.get(f"/account/admin/users/{user_id}").text
    assert "Closing" in page
    assert "Keep this account" in page
    assert "Those who run small are closing your account." in Mailbox(app).last(to=ANN).text
    assert close(root, user_id, False, by_form=by_form).status_code in (200, 303)
    assert [(event.by, event.actor) for event in begun + stopped] == [("administrator", actor)] * 2
    sweep_after(app)
    assert facts(app, user_id) is not None


def test_the_answer_says_when(app, root):
    answer = close(root, id_of(app))
    assert answer.json["closing_at"] == facts(app, id_of(app)).closing_at.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize("by_form", [True, False])
def test_where_there_is_no_delay_the_user_is_gone_at_once(by_form):
    app = small_app(HOUSEKEY_LEAVING_DELAY=0)
    registered(app)
    root, user_id = administrator(app), id_of(app)
    answer = close(root, user_id, by_form=by_form)
    assert answer.location == "/account/admin/users" if by_form else answer.status_code == 200
    assert facts(app, user_id) is None


def test_ones_own_account_is_closed_on_ones_own_page(app, root):
    refused = close(root, id_of(app, "root@example.test"))
    assert (refused.status_code, refused.json["code"]) == (403, "own_account")


@pytest.mark.flaw(48)
def test_a_helpdesk_closes_nobody_who_may_do_more(app, root):
    role(app, "helpdesk", "users:manage")
    helper = registered(app, "help@example.test")
    grant(app, "help@example.test", "helpdesk")
    boss = id_of(app, "root@example.test")
    assert close(helper, boss).json["code"] == "beyond_own_rights"
    assert close(helper, id_of(app)).status_code == 200


def test_an_administrator_who_is_leaving_does_not_count_as_one_who_stays(app, root):
    other = administrator(app, "other@example.test")
    assert other.post("/account/api/close").status_code == 202
    answer = other.patch(f"/account/api/admin/users/{id_of(app, 'root@example.test')}", json={"disabled": True})
    assert answer.json["code"] == "last_manager"


def test_an_operator_closes_and_keeps_an_account(app, ann):
    begun = heard(app, ClosingBegun)
    assert "the account is erased at" in operator(app, "users", "close", ANN, "--yes").output
    assert [event.by for event in begun] == ["operator"]
    assert ann.get("/private").status_code == 302
    assert "being closed, and erased at" in operator(app, "explain-login", ANN).output
    assert operator(app, "users", "keep", ANN).exit_code == 0
    assert facts(app, id_of(app)).closing_at is None
