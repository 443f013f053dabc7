"""With `HOUSEKEY_FACTORS_RESET_AFTER` a reset waits: its owner hears of it, and has time to stop it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from attacks.faces import FACES, rows
from housekey.capabilities.factors import resets
from housekey.capabilities.factors.events import FactorsReset, FactorsResetBegun, FactorsResetStopped
from housekey.errors import Conflict
from housekey.kernel import clock
from housekey.store import users
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.mailed import operator, token_in
from rig.people import ADMIN, administrator, grant, heard, house_of, id_of, revoke, role
from rig.phones import answer, begun, confirm, logged_in_with, with_phone
from rig.threads import together

ANN = "ann@example.test"
WAIT = timedelta(hours=24)
SETTINGS = {"HOUSEKEY_FACTORS_RESET_AFTER": WAIT}
HTML = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}


@pytest.fixture(autouse=True)
def time():
    with clock.stopped() as stopped:
        yield stopped


@pytest.fixture
def app():
    return small_app(**SETTINGS)


@pytest.fixture
def phone(app):
    return with_phone(registered(app))


@pytest.fixture
def ann(app, phone, time):
    client = logged_in_with(app, phone)
    time.forward(timedelta(seconds=30))
    return client


def asked(app):
    """An administrator has just asked for it."""
    root = administrator(app)
    waits = root.delete(f"/account/api/admin/users/{id_of(app)}/factors")
    assert waits.status_code == 202, waits.text
    return root


@pytest.mark.asvs("6.4.4")
def test_until_then_nothing_changes_and_its_owner_is_told(app, ann, phone, time):
    begun_, done = heard(app, FactorsResetBegun), heard(app, FactorsReset)
    root = asked(app)
    assert ann.get("/private").status_code == 200
    assert root.get(f"/account/api/admin/users/{id_of(app)}").json["factors_reset_at"] is not None
    time.forward(WAIT - timedelta(minutes=1))
    client = app.test_client()
    assert log_in(client).status_code == 202
    assert answer(client, phone.code()).status_code == 200
    (mail,) = [mail for mail in Mailbox(app).to(ANN) if "will be reset" in mail.subject]
    assert "/account/undo" in mail.text
    assert [event.by for event in begun_] == ["administrator"]
    assert not done


def test_then_the_first_step_is_enough(app, ann, time):
    asked(app)
    done = heard(app, FactorsReset)
    time.forward(WAIT)
    client = app.test_client()
    early = log_in(client)
    assert (early.status_code, early.json["code"]) == (401, "login_expired")
    assert "Log in again" in early.json["title"]
    assert log_in(client).status_code == 200
    assert [(event.by, event.actor) for event in done] == [("administrator", id_of(app, "root@example.test"))]
    assert ann.get("/private").status_code == 302
    assert rows(app, "authenticator_apps", "recovery_code_sets", "factor_resets") == 0


def test_a_sweep_does_it_as_well(app, ann, time):
    asked(app)
    assert operator(app, "sweep").exit_code == 0
    assert rows(app, "factor_resets") == 1
    time.forward(WAIT)
    assert "1 resets of second factors" in operator(app, "sweep").output
    assert log_in(app.test_client()).status_code == 200


def test_a_small_sweep_does_it_as_well(app, ann, time):
    asked(app)
    time.forward(WAIT)
    resets.sweep_some(house_of(app))
    assert rows(app, "authenticator_apps", "factor_resets") == 0


@pytest.fixture(params=FACES, ids=str)
def face(request):
    return request.param


@pytest.mark.asvs("6.4.4")
def test_the_owner_stops_it(app, ann, time, face):
    asked(app)
    stopped = heard(app, FactorsResetStopped)
    assert ann.get("/account/api/factors").json["reset_at"] is not None
    assert "Keep my second steps" in ann.get("/account/factors").text
    if face.name == "page":
        assert ann.post("/account/factors/keep", headers=HTML).status_code == 303
    else:
        assert ann.delete("/account/api/factors/reset").status_code == 204
        assert ann.delete("/account/api/factors/reset").status_code == 409
    time.forward(WAIT)
    assert log_in(app.test_client()).status_code == 202
    assert [event.by for event in stopped] == ["user"]


@pytest.mark.flaw(28)
def test_what_a_password_alone_has_opened_does_not_stop_it(app, phone, time):
    """Whoever has the password alone isn't let in at all; a browser from before the phone neither."""
    asked(app)
    assert app.test_client().delete("/account/api/factors/reset").status_code == 401


def test_an_administrator_stops_it(app, ann, time, face):
    root = asked(app)
    user = id_of(app)
    assert "Stop the reset" in root.get(f"/account/admin/users/{user}").text
    if face.name == "page":
        assert root.post(f"/account/admin/users/{user}/keep-factors", headers=HTML).status_code == 303
    else:
        assert root.delete(f"/account/api/admin/users/{user}/factors/reset").status_code == 204
        assert root.delete(f"/account/api/admin/users/{user}/factors/reset").status_code == 409
    assert rows(app, "factor_resets") == 0


def test_nobody_stops_the_reset_of_somebody_above_oneself(app, ann, face):
    asked(app)
    helper = registered(app, "help@example.test")
    role(app, "helpdesk", "users:manage")
    grant(app, "help@example.test", "helpdesk")
    grant(app, ANN, "admin")
    assert helper.delete(f"/account/api/admin/users/{id_of(app)}/factors/reset").status_code == 403
    assert rows(app, "factor_resets") == 1


def test_this_was_not_me_stops_it(app, ann, time):
    asked(app)
    (mail,) = [mail for mail in Mailbox(app).to(ANN) if "will be reset" in mail.subject]
    client = app.test_client()
    client.get(mail.links[0])
    assert client.post("/account/undo", headers=HTML).status_code == 303
    assert rows(app, "factor_resets") == 0


def test_it_is_asked_for_once(app, ann):
    root = asked(app)
    assert root.delete(f"/account/api/admin/users/{id_of(app)}/factors").status_code == 409
    assert rows(app, "factor_resets") == 1


def test_what_is_added_after_the_last_was_removed_stays(app, ann, phone, time):
    asked(app)
    assert ann.delete(f"/account/api/totp/{phone.id}").status_code == 204
    new = begun(ann)
    assert confirm(ann, new, new.code()).status_code == 200
    time.forward(WAIT)
    operator(app, "sweep")
    assert rows(app, "authenticator_apps") == 1


def test_what_is_added_since_it_was_asked_for_stays(database_url, time):
    app = small_app(database_url, **SETTINGS)
    old = with_phone(registered(app))
    ann = logged_in_with(app, old)
    time.forward(timedelta(seconds=30))
    asked(app)
    time.forward(timedelta(seconds=30))
    new = with_phone(ann)
    done = heard(app, FactorsReset)
    time.forward(WAIT)
    client = app.test_client()
    assert log_in(client).json["code"] == "login_expired"
    assert log_in(client).json["challenge"]["details"]["methods"] == ["otp"]
    assert answer(client, old.code()).status_code == 401
    assert answer(client, new.code()).status_code == 200
    assert rows(app, "authenticator_apps") == len(done) == 1
    assert rows(app, "factor_resets", "recovery_codes") == 0


def demoted(app):
    revoke(app, ADMIN, "admin")


def shut_out(app):
    root = id_of(app, ADMIN)
    house_of(app).run(lambda unit: users.set_disabled(unit.session, unit.schema, root, True))


def below_the_user(app):
    grant(app, ANN, "admin")
    role(app, "helpdesk", "users:manage")
    grant(app, ADMIN, "helpdesk")
    revoke(app, ADMIN, "admin")


@pytest.mark.flaw(46, 48)
@pytest.mark.parametrize("becomes", [demoted, shut_out, below_the_user])
def test_it_is_not_carried_out_for_one_who_could_not_ask_any_more(app, ann, phone, time, becomes):
    stopped = heard(app, FactorsResetStopped)
    asked(app)
    becomes(app)
    time.forward(WAIT)
    client = app.test_client()
    assert log_in(client).json["challenge"]["type"] == "second_factor"
    assert answer(client, phone.code()).status_code == 200
    assert rows(app, "factor_resets") == 0
    assert [event.by for event in stopped] == ["site"]


def by_a_new_password(app, root):
    body = {"current": PASSWORD, "new": "a new one for root, at last"}
    assert root.post("/account/api/password/change", json=body).status_code == 204


def by_a_forgotten_one(app, root):
    client = app.test_client()
    client.post("/account/api/password/forgot", json={"email": ADMIN})
    body = {"token": token_in(app, ADMIN), "password": "a new one for root, at last"}
    assert client.post("/account/api/password/reset", json=body).status_code == 204


def by_this_was_not_me(app, root):
    with_phone(root)
    client = app.test_client()
    token = {"token": token_in(app, ADMIN)}
    assert client.post("/account/api/undo/freeze", json=token).status_code == 204
    body = {**token, "password": PASSWORD, "new": "a new one for root, at last"}
    assert client.post("/account/api/undo/restore", json=body).status_code == 204


@pytest.mark.flaw(48, 59)
@pytest.mark.parametrize("taken_back", [by_a_new_password, by_a_forgotten_one, by_this_was_not_me])
def test_one_that_a_thief_asked_for_in_an_administrators_session_ends_as_that_does(database_url, time, taken_back):
    app = small_app(database_url, **SETTINGS)
    phone = with_phone(registered(app))
    stopped = heard(app, FactorsResetStopped)
    root = asked(app)
    taken_back(app, root)
    assert [(event.user_id, event.by) for event in stopped] == [(id_of(app), "site")]
    time.forward(WAIT)
    client = app.test_client()
    assert log_in(client).json["challenge"]["type"] == "second_factor"
    assert answer(client, phone.code()).status_code == 200


def test_a_change_of_somebody_elses_password_stops_none(app, ann):
    asked(app)
    eve = registered(app, "eve@example.test")
    by_a_new_password(app, eve)
    assert rows(app, "factor_resets") == 1


def test_explain_login_carries_none_out(app, ann, time):
    asked(app)
    time.forward(WAIT)
    explained = json.loads(operator(app, "explain-login", ANN, "--json").output)
    assert {step["answer"] for step in explained["steps"]} == {"yes"}, "as after the reset, which comes with the login"
    assert rows(app, "factor_resets") == 1
    assert rows(app, "authenticator_apps") == 1


def test_an_operator_waits_as_well_and_may_stop_it_or_not_wait(app, ann):
    assert "is told by mail" in operator(app, "users", "reset-factors", ANN, "--yes").output
    assert rows(app, "authenticator_apps") == 1
    assert "keeps all" in operator(app, "users", "reset-factors", ANN, "--stop").output
    assert "No reset waits" in operator(app, "users", "reset-factors", ANN, "--stop").output
    assert operator(app, "users", "reset-factors", ANN, "--yes", "--now").exit_code == 0
    assert log_in(app.test_client()).status_code == 200


def test_a_backup_brings_no_reset_back(app, ann):
    asked(app)
    assert operator(app, "db", "restored", "--yes").exit_code == 0
    assert rows(app, "factor_resets") == 0


def test_of_a_stop_and_a_sweep_in_one_moment_one_wins(database_url, time):
    app = small_app(database_url, **SETTINGS)
    with_phone(registered(app))
    house, user = house_of(app), id_of(app)
    house.run(lambda unit: resets.begin(unit, user, by="operator"))
    time.forward(WAIT)

    def stop():
        try:
            house.run(lambda unit: resets.stop(unit, user, by="user"))
        except Conflict:
            return "late"
        return "stopped"

    def act(number):
        return stop() if number == 0 else sum(resets.sweep(house).values())

    stopped, *swept = together(3, act)
    taken = sum(swept)
    assert (stopped, taken) in (("stopped", 0), ("late", 1))
    assert rows(app, "authenticator_apps") == 1 - taken
    assert rows(app, "factor_resets") == 0
