"""Whoever has the database and not the key puts nothing into the log, cuts nothing off and blots nothing out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from housekey.capabilities.audit import retention
from housekey.capabilities.audit.tables import ERASED
from housekey.capabilities.audit.verifying import verify
from housekey.commands import cli
from housekey.kernel import clock
from rig.apps import log_in, registered, small_app
from rig.audit import entries
from rig.people import administrator, house_of, id_of


@pytest.fixture
def app(database_url):
    app = small_app(database_url)
    log_in(registered(app))
    return app


def change(app, *statements):
    """Whoever has the database."""
    with house_of(app).write() as unit:
        for statement in statements:
            unit.execute(statement)


def table(app, noun):
    return house_of(app).store.tables[noun]


def stored(app, noun, *which):
    with house_of(app).read() as connection:
        return [dict(row) for row in connection.execute(sa.select(table(app, noun)).where(*which)).mappings()]


def problems(app):
    return [str(problem) for problem in verify(house_of(app)).problems]


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize(
    ("segment", "position", "told"),
    [
        (1, 0, "segment 1, entry 0: it was put in before the beginning of the chain"),
        (1, -7, "segment 1, entry -7: it was put in before the beginning of the chain"),
        (0, 1, "segment 0, entry 1: it was put in where no chain is"),
        (99, 1, "segment 99, entry 1: it was put in where no chain is"),
        (-1, 1, "segment -1, entry 1: it was put in where no chain is"),
    ],
)
def test_an_entry_that_stands_in_no_chain_is_found(app, segment, position, told):
    """Pages show it like any other."""
    forged = stored(app, "audit_entries")[-1] | {"segment": segment, "position": position, "event": "RoleGranted"}
    change(app, sa.insert(table(app, "audit_entries")).values(forged))
    assert problems(app) == [told]


@pytest.mark.asvs("16.4.2")
def test_an_entry_in_the_place_of_what_was_given_up_is_found(app, monkeypatch):
    """Nobody reads the signatures of a segment whose time is over."""
    rows, later = table(app, "audit_entries"), clock.now() + timedelta(days=500)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert retention.give_up(house_of(app)) == 1
    assert problems(app) == []
    change(app, sa.delete(rows))
    log_in(app.test_client())
    forged = stored(app, "audit_entries")[-1] | {"segment": 1, "position": 1, "event": "RoleGranted"}
    change(app, sa.insert(rows).values(forged))
    assert problems(app) == ["segment 1, entry 1: it was put in after the segment had been given up"]


def test_an_end_that_was_kept_of_what_was_given_up_since_is_not_missed(app, monkeypatch):
    later = clock.now() + timedelta(days=500)
    kept = {number: bytes.fromhex(end) for number, end in verify(house_of(app)).ends.items()}
    monkeypatch.setattr(clock, "now", lambda: later)
    assert retention.give_up(house_of(app)) == 1
    change(app, sa.delete(table(app, "audit_entries")))
    assert verify(house_of(app), kept=kept).good
    assert not verify(house_of(app), kept=kept | {7: bytes(32)}).good


@pytest.mark.asvs("16.4.2")
def test_an_older_end_that_is_put_back_does_not_hide_what_was_cut_off(app):
    """A copy of one row, with the seal that it bore then, made the rest of the chain deniable."""
    rows, ends = table(app, "audit_entries"), table(app, "audit_segments")
    (then,) = stored(app, "audit_segments", ends.c.number == 1)
    log_in(app.test_client(), password="the thief's guess")
    cut = then["position"]
    change(app, sa.delete(rows).where(rows.c.position > cut), sa.update(ends).where(ends.c.number == 1).values(then))
    log_in(app.test_client())
    assert problems(app)[0].startswith(f"segment 1, entry {cut + 1}: it is missing")


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize("waits", [timedelta(hours=1), timedelta(days=2)])
def test_an_older_register_that_is_put_back_does_not_hide_a_whole_segment(app, monkeypatch, waits):
    """A copy of one row, with the seal that it bore then, made all segments since deniable."""
    rows, ends, now = table(app, "audit_entries"), table(app, "audit_segments"), clock.now()
    (then,) = stored(app, "audit_segments", ends.c.number == 0)
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=2))
    log_in(app.test_client(), password="the thief's guess")
    assert {row["segment"] for row in stored(app, "audit_entries")} == {1, 2}
    change(app, sa.delete(rows).where(rows.c.segment == 2), sa.delete(ends).where(ends.c.number == 2))
    change(app, sa.update(ends).where(ends.c.number == 0).values(then))
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=2) + waits)
    log_in(app.test_client())
    assert problems(app) == ["segment 2: the whole segment is missing"]


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize("how", ["the account is made younger", "the account is taken out"])
def test_an_account_that_seems_to_be_another_ones_explains_no_missing_address(app, monkeypatch, how):
    """Nothing seals since when an account is there; but whoever leaves is taken out of all that came before."""
    rows, accounts, later = table(app, "audit_entries"), table(app, "accounts"), clock.now() + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    log_in(app.test_client())
    theirs = entries(app, event="LoggedIn")[-1]["position"]
    change(app, sa.update(rows).where(rows.c.position == theirs).values(ERASED))
    assert len(problems(app)) == 1
    if how == "the account is made younger":
        change(app, sa.update(accounts).values(created_at=later + timedelta(seconds=1)))
    else:
        change(app, *(sa.delete(each) for each in reversed(house_of(app).store.schema.owned)), sa.delete(accounts))
    taken = "its personal part was taken out, and nobody whom it names has left"
    assert problems(app) == [f"segment 1, entry {theirs}: {taken}"]


def test_a_register_with_a_number_of_somebodys_own_fills_no_memory(app):
    ends = table(app, "audit_segments")
    change(app, sa.update(ends).where(ends.c.number == 0).values(position=2**31 - 1))
    assert [problem.partition(":")[0] for problem in problems(app)] == ["the whole log"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "odd",
    [
        "UPDATE housekey_audit_entries SET salt = 'text' WHERE position = 2",
        "UPDATE housekey_audit_entries SET mac = 'text' WHERE position = 2",
        "UPDATE housekey_audit_entries SET at = 'never' WHERE position = 2",
        "UPDATE housekey_audit_segments SET seal = 'text' WHERE number = 1",
        "UPDATE housekey_audit_segments SET started_at = 'never' WHERE number = 0",
    ],
)
def test_a_value_of_another_kind_is_told_and_never_a_traceback(app, odd):
    """SQLite keeps any."""
    change(app, sa.text(odd))
    (problem,) = problems(app)
    assert "it holds what Housekey never writes" in problem


@pytest.mark.parametrize("text", ["{", "[1]", "7", "[" * 20_000])
@pytest.mark.parametrize("column", ["details", "personal"])
def test_one_row_that_somebody_has_written_keeps_nobody_from_reading_the_others(app, column, text):
    """All pages and commands answered with an error, of everything that had happened."""
    root, rows = administrator(app), table(app, "audit_entries")
    change(app, sa.update(rows).where(rows.c.event == "UserRegistered").values({column: text}))
    own = root.get("/account/api/history").json["entries"]
    everybodys = root.get("/account/api/admin/activity").json["entries"]
    assert "UserRegistered" in {entry["event"] for entry in own} & {entry["event"] for entry in everybodys}
    for page in ("history", "admin/activity", f"admin/users/{id_of(app)}", f"api/admin/users/{id_of(app)}/export"):
        assert root.get(f"/account/{page}").status_code == 200, page
    told = app.test_cli_runner().invoke(cli, ["audit", "export"])
    assert told.exit_code == 0
    assert len(told.stdout.splitlines()) == len(stored(app, "audit_entries"))
    assert problems(app)
