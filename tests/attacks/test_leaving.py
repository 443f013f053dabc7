"""What leaving must not be good for: to a thief, another site, another person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attacks.faces import ANN, BOB, who
from housekey.kernel import clock
from rig.apps import PASSWORD, log_in, registered
from rig.leaving import facts, undo_token
from rig.people import id_of

STALE = timedelta(minutes=16)


def is_closing(app, email=ANN):
    return facts(app, id_of(app, email)).closing_at is not None


@pytest.mark.asvs("7.5.3")
def test_a_session_left_open_closes_no_account(app, face):
    ann = registered(app)
    with clock.stopped(clock.now() + STALE):
        assert not face.send(ann, "close").done
    assert not is_closing(app)


@pytest.mark.flaw(41)
@pytest.mark.asvs("3.5.1")
@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("path", ["close", "closing", "api/close"])
def test_another_site_neither_closes_nor_keeps_an_account(app, path, method):
    ann = registered(app)
    if path == "closing" or method == "DELETE":
        ann.post("/account/api/close")
    before = is_closing(app)
    answer = ann.open(f"/account/{path}", method=method, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code in (403, 405)
    assert is_closing(app) == before


@pytest.mark.flaw(41)
@pytest.mark.parametrize("path", ["close", "closing", "api/close", "data"])
def test_no_get_closes_or_keeps_anything(app, path):
    ann = registered(app)
    ann.get(f"/account/{path}")
    assert not is_closing(app)
    ann.post("/account/api/close")
    ann.get(f"/account/{path}")
    assert is_closing(app)


def test_nobody_closes_keeps_or_exports_without_a_login(app, face):
    stranger = app.test_client()
    assert not face.send(stranger, "close").done
    for method, path in (("DELETE", "api/close"), ("GET", "api/export"), ("POST", "closing"), ("GET", "export")):
        answer = stranger.open(f"/account/{path}", method=method, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code in (401, 302, 303), path


@pytest.mark.asvs("8.2.2")
def test_whatever_is_asked_for_one_gets_ones_own_export(app):
    registered(app)
    bob = registered(app, BOB)
    found = bob.get("/account/api/export", query_string={"user_id": id_of(app), "id": id_of(app), "user": ANN})
    assert found.json["user"]["email"] == BOB
    assert ANN not in found.text


@pytest.mark.flaw(28)
def test_a_thief_who_closes_the_account_is_locked_out_by_the_owners_mail(app):
    registered(app)
    thief = app.test_client()
    log_in(thief)
    thief.post("/account/api/close")
    app.test_client().post("/account/api/undo/freeze", json={"token": undo_token(app, ANN)})
    assert who(thief) is None
    assert not is_closing(app)
    assert log_in(thief).status_code == 401


def test_the_owner_gets_back_in_with_the_password_after_stopping_the_thiefs_closing(app):
    registered(app)
    thief = app.test_client()
    log_in(thief)
    thief.post("/account/api/close")
    token = undo_token(app, ANN)
    owner = app.test_client()
    owner.post("/account/api/undo/freeze", json={"token": token})
    new = "a brand new horse battery"
    body = {"token": token, "password": PASSWORD, "new": new}
    assert owner.post("/account/api/undo/restore", json=body).status_code == 204
    assert log_in(owner, password=new).json["user"]["closing_at"] is None
