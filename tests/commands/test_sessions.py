"""`flask housekey sessions` and `flask housekey sweep`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from housekey.capabilities.sessions import actions
from housekey.kernel import clock
from housekey.store.batches import BATCH
from rig.apps import log_in, registered, small_app

ALIVE = "/account/api/sessions"


def ids(run, *words):
    return [session["id"] for session in run.json("sessions", "list", *words)]


def test_open_sessions_are_listed_with_person_browser_and_place(run, app):
    registered(app)
    [session] = run.json("sessions", "list")
    assert session["name"] == "ann"
    assert session["address"] == "127.0.0.1"
    assert session["amr"] == ["pwd"]
    lines = run("sessions", "list").stdout.splitlines()
    assert lines[0].split()[0] == "Session"
    assert session["id"] in lines[1]


def test_nothing_in_the_list_lets_anybody_in(run, app):
    browser = registered(app)
    secret = next(cookie.value for cookie in browser._cookies.values() if "-" in cookie.key and len(cookie.value) == 43)
    assert secret not in run("sessions", "list", "--json").stdout + run("sessions", "list").stdout


def test_ended_sessions_are_not_listed(run, app):
    registered(app).post("/account/api/logout")
    assert ids(run) == []
    assert "Nobody is logged in" in run("sessions", "list").stdout


def test_sessions_past_their_time_are_not_listed(run, app):
    registered(app)
    with clock.stopped() as time:
        time.forward(timedelta(hours=9))
        assert ids(run) == []


def test_the_sessions_of_one_user_can_be_listed_and_ended(run, app):
    ann, bob = registered(app), registered(app, "bob@example.test")
    assert len(ids(run)) == 2
    assert len(ids(run, "--user", "ann@example.test")) == 1
    assert "Sessions ended: 1" in run("sessions", "revoke", "--user", "1", "--id").stdout
    assert ann.get(ALIVE).status_code == 401
    assert bob.get(ALIVE).status_code == 200


def test_one_session_can_be_ended_by_its_id(run, app):
    first = registered(app)
    second = app.test_client()
    log_in(second)
    newest = ids(run)[0]
    run("sessions", "revoke", newest)
    assert (first.get(ALIVE).status_code, second.get(ALIVE).status_code) == (200, 401)
    assert f"No session {newest} is open" in run("sessions", "revoke", newest, code=1).stderr


def test_an_id_that_begins_with_a_dash_is_an_id(run):
    assert (
        "No session -abcdefghijklmnopqrstu is open"
        in run("sessions", "revoke", "-abcdefghijklmnopqrstu", code=1).stderr
    )


def test_a_list_may_be_cut(run, app):
    registered(app)
    log_in(app.test_client())
    assert "The first 1 are shown" in run("sessions", "list", "--limit", "1").stderr


@pytest.mark.parametrize("words", [(), ("--all", "--user", "ann@example.test"), ("x", "--all"), ("x", "--user", "ann")])
def test_what_to_end_must_be_named_in_one_way(run, app, words):
    browser = registered(app)
    run("sessions", "revoke", *words, code=2)
    assert browser.get(ALIVE).status_code == 200


def test_ending_every_session_asks_first(run, app):
    ann, bob = registered(app), registered(app, "bob@example.test")
    run("sessions", "revoke", "--all", input="n\n", code=1)
    assert ann.get(ALIVE).status_code == 200
    assert "Sessions ended: 2" in run("sessions", "revoke", "--all", "--yes").stdout
    assert (ann.get(ALIVE).status_code, bob.get(ALIVE).status_code) == (401, 401)


def test_ending_very_many_sessions_goes_on_in_batches(database_url):
    app = small_app(database_url)
    browser, told = registered(app), []
    house = app.extensions["housekey"].house
    with app.app_context(), house.write() as unit:
        table = unit.tables["sessions"]
        [row] = unit.execute(table.select()).mappings()
        more = [{**row, "id": f"s{number}", "token": number.to_bytes(32)} for number in range(BATCH + 100)]
        unit.execute(table.insert(), more)
    with app.app_context():
        ended = actions.revoke_all(house, lambda done, total: told.append((done, total)))
    assert ended == BATCH + 101
    assert told == [(BATCH, BATCH + 101), (BATCH + 101, BATCH + 101)]
    assert browser.get(ALIVE).status_code == 401


def test_sweeping_deletes_what_has_expired_and_leaves_what_lives(run, app):
    alive = registered(app)
    assert run.json("sweep")["sessions"] == 0
    assert alive.get(ALIVE).status_code == 200
    with clock.stopped() as time:
        time.forward(timedelta(days=400))
        assert "1 sessions" in run("sweep").stdout
        assert "Nothing has expired" in run("sweep").stdout


def test_a_nightly_sweep_writes_nothing_to_stderr(run):
    assert run("sweep").stderr == ""
