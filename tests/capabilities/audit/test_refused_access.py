"""Whoever tries doors that aren't theirs shows in the log; who fills it with tries does not."""

from __future__ import annotations

import logging

import pytest
import sqlalchemy as sa

from housekey import authorize, permission_required, roles_required
from housekey.errors import Forbidden
from housekey.web import refusals
from rig.apps import registered, small_app
from rig.audit import entries
from rig.mailed import OURS
from rig.people import administrator, grant, house_of, id_of, role

ANN, ROOT = "ann@example.test", "root@example.test"


class Post:
    """What nobody has a policy for."""


@pytest.fixture
def app():
    app = small_app()
    app.get("/staff/<token>", endpoint="staff")(roles_required("staff")(lambda token: "in"))
    app.post("/posts", endpoint="posts")(permission_required("posts:edit")(lambda: "in"))
    app.get("/post", endpoint="post")(lambda: authorize("edit", Post()) or "in")
    return app


@pytest.fixture
def ann(app):
    return registered(app, ANN)


def refused(app):
    return entries(app, event="AccessRefused")


def told(app):
    return [(it["details"]["verb"], it["details"]["page"], it["reason"]) for it in refused(app)]


@pytest.mark.asvs("16.3.2")
@pytest.mark.parametrize(
    ("verb", "path", "page"),
    [
        ("GET", "/account/admin/users", "/account/admin/users"),
        ("GET", "/account/api/admin/users", "/account/api/admin/users"),
        ("POST", "/account/api/admin/bulk", "/account/api/admin/bulk"),
        ("GET", "/staff/s3cret", "/staff/<token>"),
        ("POST", "/posts", "/posts"),
        ("GET", "/post", "/post"),
    ],
)
def test_a_page_that_somebody_has_no_right_to_leaves_an_entry(app, ann, verb, path, page):
    assert ann.open(path, method=verb, headers=OURS, json={} if "api" in path else None).status_code == 403
    [entry] = refused(app)
    assert told(app) == [(verb, page, "forbidden")]
    assert (entry["owasp"], entry["outcome"]) == ("authz_fail", "failure")
    assert entry["actor"] == entry["subject"] == str(id_of(app, ANN))
    assert entry["address"] == "127.0.0.1"


@pytest.mark.asvs("16.3.2")
def test_reaching_for_more_than_ones_own_rights_leaves_one_too(app, ann):
    administrator(app, ROOT)
    role(app, "helpdesk", "users:manage")
    grant(app, ANN, "helpdesk")
    path = f"/account/api/admin/users/{id_of(app, ROOT)}"
    assert ann.patch(path, json={"disabled": True}).status_code == 403
    assert told(app) == [("PATCH", "/account/api/admin/users/<user_id>", "beyond_own_rights")]


@pytest.mark.asvs("16.3.2")
@pytest.mark.parametrize("path", ["/account/api/admin/bulk", "/account/admin/bulk/done"])
def test_reaching_for_several_at_once_leaves_one_too(app, ann, path):
    """Each is refused in a report, and none by an error: whoever tried doors so left no trace."""
    administrator(app, ROOT)
    role(app, "helpdesk", "users:manage")
    grant(app, ANN, "helpdesk")
    wish = {"action": "disable", "ids": [str(id_of(app, ROOT)), "999"]}
    sent = {"json": wish} if "api" in path else {"data": wish, "headers": OURS}
    assert ann.post(path, **sent).status_code == 200
    assert told(app) == [("POST", path, "beyond_own_rights")]


def test_a_host_that_answers_refusals_itself_hides_none(app):
    app.accounts.forbidden_handler(lambda error: ("no", 403))
    app.register_error_handler(Forbidden, lambda error: ("no", 403))
    ann = registered(app, ANN)
    assert [ann.get(path).text for path in ("/staff/x", "/post")] == ["no", "no"]
    assert len(told(app)) == 2


def test_the_same_door_is_told_once_an_hour(app, ann, monkeypatch):
    assert {ann.get("/staff/x").status_code for _ in range(20)} == {403}
    assert len(told(app)) == 1
    monkeypatch.setattr(refusals.Refusals, "every_s", 0.0)
    ann.get("/staff/x")
    assert len(told(app)) >= 2


def test_one_persons_tries_hide_nobody_elses(app, ann):
    bob = registered(app, "bob@example.test")
    for browser in (ann, bob, ann, bob):
        browser.get("/staff/x")
    assert {entry["subject"] for entry in refused(app)} == {str(id_of(app, it)) for it in (ANN, "bob@example.test")}


def test_strangers_and_those_who_are_let_in_leave_none(app, ann):
    app.test_client().get("/staff/x")
    app.test_client().get("/account/api/admin/users")
    role(app, "staff")
    grant(app, ANN, "staff")
    assert ann.get("/staff/x").status_code == 200
    assert told(app) == []


def test_what_holds_for_everybody_is_no_want_of_rights(app):
    shut = small_app(HOUSEKEY_REGISTRATION_OPEN=False)
    body = {"email": "new@example.test", "password": "quite a long pass phrase"}
    assert shut.test_client().post("/account/api/register", json=body).status_code == 403
    assert told(shut) == []


@pytest.mark.asvs("16.5.3")
def test_an_answer_does_not_hang_on_the_log(app, ann, monkeypatch, caplog):
    def broken(_verb):
        raise sa.exc.OperationalError("INSERT", {}, Exception("disk full"))

    monkeypatch.setattr(house_of(app), "run", broken)
    with caplog.at_level(logging.ERROR, "housekey"):
        assert ann.get("/staff/x").status_code == 403
    assert "could not be written" in caplog.text
