"""`flask housekey audit`: what happened, for people and for programs; and whether the log is sound."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey.capabilities.registration import actions as registration
from housekey.commands.audit import COLUMNS
from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from rig.apps import log_in, registered, small_app
from rig.people import administrator, house_of, id_of

FORGED = 'x\r\n2026-01-01 ann logged in\x1b[2J"; "\u2028\u202e'
FORMULA = "=cmd|' /C calc'!A0"


@pytest.fixture
def app():
    app = small_app()
    registered(app, "bob@example.test")
    client = registered(app)
    client.post("/account/api/logout", json={})
    stranger = app.test_client()
    stranger.environ_base |= {"REMOTE_ADDR": "203.0.113.9", "HTTP_USER_AGENT": "curl/8.5"}
    log_in(stranger, password="not the right one")
    return app


def test_the_latest_is_listed_first_and_in_words(run):
    lines = run("audit", "list").stdout.splitlines()
    assert "A login failed" in lines[1]
    assert "203.0.113.9" in lines[1]
    assert "Logged out" in lines[2]


def test_what_an_operator_did_came_from_no_device(run):
    run("users", "disable", "bob@example.test")
    line = run("audit", "list").stdout.splitlines()[1]
    assert "operator" in line
    assert "Unknown device" not in line


@pytest.mark.parametrize(
    ("words", "count"),
    [(["--event", "LoginRefused"], 1), (["--outcome", "failure"], 1), (["--address", "203.0.113.9"], 1),
     (["--user", "bob@example.test"], 2), (["--since", "1h"], 6), (["--until", "2020-01-01"], 0),
     (["--since", "2020-01-01T12:00", "--event", "LoggedIn"], 2), (["--limit", "3"], 3)],
)  # fmt: skip
def test_filters_choose(run, words, count):
    assert len(run.json("audit", "list", *words)) == count


def test_nobody_and_no_such_event_are_told(run):
    assert "Nobody has the e-mail address" in run("audit", "list", "--user", "zoe@example.test", code=1).stderr
    assert "There is no event LogedIn" in run("audit", "list", "--event", "LogedIn", code=2).stderr
    assert "or how long ago" in run("audit", "list", "--since", "yesterday", code=2).stderr


@pytest.mark.parametrize(
    "words",
    [["--until", "9999-12-31T23:59-12:00"], ["--since", "0001-01-01T00:00+12:00"], ["--limit", "9" * 30]],
)
def test_what_no_calendar_and_no_database_has_is_told(run, words):
    assert "Invalid value for '--" in run("audit", "list", *words, code=2).stderr


def test_a_person_who_is_gone_is_found_by_the_key(app, run):
    bob = id_of(app, "bob@example.test")
    registration.delete(house_of(app), bob)
    found = run.json("audit", "list", "--user", str(bob), "--id")
    assert found[0]["event"] == "UserDeleted"
    assert {entry["address"] for entry in found} == {None}


def test_an_export_is_one_object_a_line_the_oldest_first(run):
    lines = [json.loads(line) for line in run("audit", "export").stdout.splitlines()]
    assert [tuple(line) for line in lines] == [COLUMNS] * 6
    assert lines[0]["event"] == "UserRegistered"
    assert lines[-1]["event"] == "LoginRefused"
    assert lines[-1]["user_agent"] == "curl/8.5"
    assert lines[-1]["at"].endswith("Z")


def test_an_export_of_many_entries_is_whole(app, run):
    for _ in range(120):
        log_in(app.test_client(), identifier="nobody", password="not the right one")
    lines = [json.loads(line) for line in run("audit", "export").stdout.splitlines()]
    places = [(line["segment"], line["position"]) for line in lines]
    assert len(set(places)) == len(places) >= 100
    assert [line["at"] for line in lines] == sorted(line["at"] for line in lines)


@pytest.mark.flaw(60)
@pytest.mark.asvs("1.2.10", "16.4.1")
@pytest.mark.parametrize("evil", [FORGED, FORMULA, "\t" + FORMULA, "@SUM(1)", "-1+1", "+1"])
def test_what_strangers_send_forges_no_line_and_runs_in_no_spreadsheet(app, run, evil):
    stranger = app.test_client()
    stranger.environ_base |= {"REMOTE_ADDR": evil, "HTTP_USER_AGENT": evil}
    log_in(stranger, identifier=evil, password=evil)
    lines = run("audit", "export").stdout.splitlines()
    assert len(lines) == 7
    assert all(json.loads(line)["segment"] for line in lines)
    table = run("audit", "export", "--format", "csv").stdout
    rows = list(csv.reader(io.StringIO(table)))
    assert len(rows) == 8
    assert tuple(rows[0]) == COLUMNS
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    listed = run("audit", "list").stdout
    for shown in (table, listed):
        assert len(shown.splitlines()) in (7, 8)
        assert not [c for c in shown if not c.isprintable() and c != "\n"]


@pytest.mark.flaw(60)
@pytest.mark.asvs("1.2.10")
@pytest.mark.parametrize("evil", [f"x;{FORMULA};y", 'x; "=1+1";', "x;\t@SUM(1)", ";+1", "\uff1d1+1", " =1+1"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_nothing_runs_in_a_spreadsheet_whose_cells_end_with_semicolons(app, run, evil, separator):
    """As in countries where numbers have decimal commas: whoever opens the file there sees other cells."""
    stranger = app.test_client()
    stranger.environ_base |= {"HTTP_USER_AGENT": evil}
    log_in(stranger, identifier=evil, password=evil)
    told = run("audit", "export", "--format", "csv").stdout
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
        cells = [cell for row in csv.reader(io.StringIO(told), delimiter=separator, quoting=quoting) for cell in row]
        beginnings = [cell.lstrip(' "')[:1] for cell in cells]
        assert not set(beginnings) & {"=", "+", "-", "@", "\uff1d"}


@pytest.mark.asvs("16.4.2")
def test_a_sound_log_is_told_to_be_sound(run):
    assert "Nobody has changed the log." in run("audit", "verify").stdout
    assert run.json("audit", "verify")["ends"].keys() == {"1"}


@pytest.mark.asvs("16.4.2")
def test_a_log_from_an_earlier_day_lacks_the_ends_that_were_kept(app, run, tmp_path):
    """It is sound in itself, and a chain that goes on ends elsewhere each day: nobody could compare."""
    ends, rows = (house_of(app).store.tables[noun] for noun in ("audit_segments", "audit_entries"))
    with house_of(app).read() as connection:
        then = dict(connection.execute(sa.select(ends).where(ends.c.number == 1)).mappings().one())
    kept = [tmp_path / "then.json", tmp_path / "later.json"]
    kept[0].write_text(run("audit", "verify", "--json").stdout)
    log_in(app.test_client(), password="the thief's guess")
    kept[1].write_text(run("audit", "verify", "--json").stdout)
    log_in(app.test_client())
    for file in kept:
        assert "Nobody has changed the log." in run("audit", "verify", "--ends", str(file)).stdout
    with house_of(app).write() as unit:
        unit.execute(sa.delete(rows).where(rows.c.position > then["position"]))
        unit.execute(sa.update(ends).where(ends.c.number == 1).values(then))
    assert run.json("audit", "verify", "--ends", str(kept[0]))["good"]
    (problem,) = run.json("audit", "verify", "--ends", str(kept[1]), code=1)["problems"]
    assert problem["segment"] == 1
    assert "cut off, or an older log was put back" in problem["text"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"ends": {"x": ""}}', '{"ends": {"1": 7}}', '{"ends": []}', "[" * 20_000]
)
def test_a_file_that_holds_no_ends_is_told(run, tmp_path, text):
    (tmp_path / "ends.json").write_text(text)
    told = run("audit", "verify", "--ends", str(tmp_path / "ends.json"), code=2).stderr
    assert "is no answer of `flask housekey audit verify --json`" in told
    assert "No such file" in run("audit", "verify", "--ends", str(tmp_path / "none.json"), code=2).stderr


@pytest.mark.asvs("16.4.2")
def test_a_broken_log_ends_with_exit_code_one_and_says_where(app, run):
    table = house_of(app).store.tables["audit_entries"]
    with house_of(app).write() as unit:
        unit.execute(sa.delete(table).where(table.c.position == 2))
    assert "segment 1, entry 2: it is missing" in run("audit", "verify", code=1).stdout
    assert run.json("audit", "verify", code=1)["problems"][0]["position"] == 2


def test_old_segments_are_swept_as_a_whole_and_the_log_stays_sound(app, run):
    with clock.stopped() as stopped:
        stopped.forward(timedelta(days=2))
        log_in(app.test_client())
        assert run.json("audit", "verify")["segments"] == 2
        stopped.forward(timedelta(days=399))
        assert run.json("sweep")["audit_entries"] == 6
        verdict = run.json("audit", "verify")
        assert (verdict["good"], verdict["segments"], verdict["swept"]) == (True, 2, 1)
        assert {entry["segment"] for entry in run.json("audit", "list")} == {2}
        assert log_in(app.test_client()).status_code == 200
        assert run.json("audit", "verify")["good"]


def test_a_deletion_that_is_called_a_sweep_is_found(app, run):
    tables = house_of(app).store.tables
    with house_of(app).write() as unit:
        unit.execute(sa.update(tables["audit_segments"]).values(swept_at=clock.now()))
        unit.execute(sa.delete(tables["audit_entries"]))
    assert "its end can't be trusted" in run("audit", "verify", code=1).stdout


def test_a_sweep_seals_anew_what_a_former_key_has_sealed(app, run):
    with clock.stopped() as stopped:
        stopped.forward(timedelta(days=402))
        run("sweep")
        former, app.secret_key = app.secret_key, "another key, as long as keys should be"
        app.config["SECRET_KEY_FALLBACKS"] = [former]
        run("sweep")
        app.config["SECRET_KEY_FALLBACKS"] = []
        assert run.json("audit", "verify")["good"], "nothing hangs on the former key any more"


def test_a_restored_backup_lets_nobody_in_and_mails_nothing_twice(app, run):
    client = registered(app, "zoe@example.test")
    client.post("/account/api/password/forgot", json={"email": "zoe@example.test"})
    assert client.get("/account/api/me").status_code == 200
    assert "Everybody must log in again." in run("db", "restored", input="n\n", code=1).output
    assert client.get("/account/api/me").status_code == 200
    ended = run.json("db", "restored", "--yes")
    nothing = {"attempts": 0, "closings": 0, "factor_resets": 0, "trusted_devices": 0}
    assert ended == {"sessions": 2, "links": 1, "mails": 1, **nothing}
    assert client.get("/account/api/me").status_code == 401
    assert len(Mailbox(app)) == 0
    assert run.json("audit", "list", "--event", "SessionEnded")[0]["actor_kind"] == "operator"


def test_who_ran_a_command_is_named_by_the_account_on_that_machine(app, run):
    run("users", "disable", "bob@example.test")
    assert "operator " in run("audit", "list", "--event", "UserDisabled").stdout
    seen_by = administrator(app)
    assert "operator " in seen_by.get("/account/admin/activity?event=UserDisabled").text


@pytest.mark.parametrize("twice", ["close", "keep"])
def test_closing_and_keeping_are_told_once(app, run, twice):
    run("users", "close", "bob@example.test", "--yes")
    if twice == "keep":
        run("users", "keep", "bob@example.test")
    run("users", twice, "bob@example.test", *(["--yes"] if twice == "close" else []))
    kind = {"close": "ClosingBegun", "keep": "ClosingStopped"}[twice]
    assert len(run.json("audit", "list", "--event", kind)) == 1


def test_without_a_delay_closing_erases_at_once(runner):
    app = small_app(HOUSEKEY_LEAVING_DELAY="0d")
    registered(app)
    assert "is erased" in runner(app)("users", "close", "ann@example.test", "--yes").stdout
    runner(app)("users", "show", "ann@example.test", code=1)
