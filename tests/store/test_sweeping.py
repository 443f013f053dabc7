"""What has expired is deleted in small batches; what may still be needed stays."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from housekey.house import House
from housekey.kernel import clock
from housekey.kernel.tokens import digest
from housekey.settings import Settings
from housekey.store import sweeping
from housekey.store.creation import create_tables
from housekey.store.sweeping import Broom, sweep
from store.models import add_users, make_store, make_user, rows

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon():
    with clock.stopped(NOW) as stopped:
        yield stopped


@pytest.fixture
def house(database_url):
    store = make_store(database_url)
    create_tables(store)
    return House(Settings({}), store)


@pytest.fixture
def ann(house):
    return add_users(house.store, {"email": "ann@example.org"})[0]


def add(house, noun, *given):
    with house.store.write() as session:
        session.execute(sa.insert(house.store.tables[noun]), list(given))


def session_row(user, name, *, expires_at=NOW + DAY, ended_at=None):
    times = dict.fromkeys(("auth_time", "created_at", "last_seen_at"), NOW - 60 * DAY)
    what = {"security_version": 0, "proofs": [], "idle_seconds": 60, "remember": False}
    where = {"address": "192.0.2.1", "user_agent": "x", "boot": "x"}
    ends = {"expires_at": expires_at, "ended_at": ended_at}
    return {"id": name, "token": digest(name), "user_id": user, **times, **what, **where, **ends}


def attempt_row(user, name, expires_at):
    what = {"purpose": "login", "security_version": 0, "proofs": [], "done": [], "remember": False}
    return {"token": digest(name), "user_id": user, "created_at": NOW - DAY, "expires_at": expires_at, **what}


def test_sessions_are_kept_a_week_after_they_are_over(house, ann):
    add(
        house,
        "sessions",
        session_row(ann, "open"),
        session_row(ann, "just expired", expires_at=NOW - 6 * DAY),
        session_row(ann, "long expired", expires_at=NOW - 8 * DAY),
        session_row(ann, "just ended", ended_at=NOW - 6 * DAY),
        session_row(ann, "long ended", ended_at=NOW - 8 * DAY),
    )
    assert sweep(house)["sessions"] == 2
    assert {row["id"] for row in rows(house.store, "sessions")} == {"open", "just expired", "just ended"}


def test_attempts_go_as_soon_as_they_have_expired(house, ann):
    add(
        house,
        "attempts",
        attempt_row(ann, "under way", NOW + DAY),
        attempt_row(ann, "late", NOW - timedelta(seconds=1)),
    )
    assert sweep(house)["attempts"] == 1
    assert [row["token"] for row in rows(house.store, "attempts")] == [digest("under way")]


def test_browsers_are_forgotten_when_their_cookie_has_ended(house, ann):
    known = {"user_id": ann, "family": "x", "created_at": NOW - 500 * DAY}
    add(
        house,
        "devices",
        {"token": digest("a"), "id": "a", "last_seen_at": NOW - 399 * DAY, **known},
        {"token": digest("b"), "id": "b", "last_seen_at": NOW - 401 * DAY, **known},
    )
    assert sweep(house)["devices"] == 1
    assert [row["id"] for row in rows(house.store, "devices")] == ["a"]


def test_the_count_that_keeps_an_account_closed_is_never_swept(house, ann):
    old = {"failures": 1, "in_row": 100, "updated_at": NOW - 900 * DAY}
    add(
        house,
        "counters",
        {"key": digest("ann"), "user_id": ann, **old},
        {"key": digest("nobody"), "user_id": None, **old},
    )
    assert sweep(house)["counters"] == 1
    assert [row["user_id"] for row in rows(house.store, "counters")] == [ann]


def test_a_window_goes_when_its_last_entry_has_left_it(house):
    row = {"entries": []}
    add(
        house,
        "windows",
        {"key": digest("old"), "expires_at": NOW - DAY, **row},
        {"key": digest("new"), "expires_at": NOW + DAY, **row},
    )
    assert sweep(house)["windows"] == 1


def test_every_table_that_knows_an_end_says_what_expires(house):
    with_an_end = {
        noun for noun, table in house.store.tables.items() if {"expires_at", "last_seen_at"} & {*table.c.keys()}
    }
    assert with_an_end <= set(house.store.schema.expiring)


def test_long_work_is_done_in_batches_and_told(house, ann, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 4)
    add(house, "attempts", *(attempt_row(ann, str(n), NOW - DAY) for n in range(10)))
    told = []
    assert sweep(house, lambda *progress: told.append(progress))["attempts"] == 10
    assert told == [(4, 10), (8, 10), (10, 10)]


def test_a_row_that_was_used_again_meanwhile_stays(house, ann, monkeypatch):
    """Found as expired, and then its browser came back."""
    known = {"user_id": ann, "family": "x", "created_at": NOW - 500 * DAY}
    add(house, "devices", {"token": digest("a"), "id": "a", "last_seen_at": NOW - 401 * DAY, **known})
    find = sweeping._find

    def found_and_used(store, noun, limit):
        found = find(store, noun, limit)
        with store.write() as session:
            session.execute(sa.update(store.tables["devices"]).values(last_seen_at=NOW))
        return found

    monkeypatch.setattr(sweeping, "_find", found_and_used)
    assert sweep(house)["devices"] == 0
    assert len(rows(house.store, "devices")) == 1


def test_several_sweeps_at_once_delete_each_row_once(house, ann, together, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 5)
    add(house, "attempts", *(attempt_row(ann, str(n), NOW - DAY) for n in range(60)))
    assert sum(swept["attempts"] for swept in together(3, lambda _number: sweep(house))) == 60


def test_keys_of_every_kind_are_swept(database_url):
    store = make_store(database_url, make_user("uuid"))
    create_tables(store)
    house = House(Settings({}), store)
    (user,) = add_users(store, {"email": "ann@example.org"})
    known = {"user_id": user, "family": "x", "created_at": NOW, "last_seen_at": NOW - 401 * DAY}
    add(house, "devices", {"token": digest("a"), "id": "a", **known})
    assert sweep(house)["devices"] == 1


class TestNowAndThen:
    @pytest.fixture
    def hurry(self, monkeypatch):
        """The next small sweep is always due."""
        monkeypatch.setattr(sweeping, "EVERY_S", 0)

    def test_a_process_that_has_just_started_doesnt_sweep(self, house, ann):
        add(house, "attempts", attempt_row(ann, "late", NOW - DAY))
        Broom().now_and_then(house)
        assert len(rows(house.store, "attempts")) == 1

    def test_a_little_is_swept_when_it_is_due(self, house, ann, hurry, monkeypatch):
        monkeypatch.setattr(sweeping, "FEW", 3)
        add(house, "attempts", *(attempt_row(ann, str(n), NOW - DAY) for n in range(10)))
        broom = Broom()
        broom.now_and_then(house)
        assert len(rows(house.store, "attempts")) == 7
        broom.now_and_then(house)
        assert len(rows(house.store, "attempts")) == 4

    def test_a_request_never_waits_for_another_writer(self, house, ann, hurry, database_url):
        if not database_url.startswith("sqlite"):
            pytest.skip("other databases lock rows, not the file")
        add(house, "attempts", attempt_row(ann, "late", NOW - DAY))
        with house.store.write():
            Broom().now_and_then(house)
        assert len(rows(house.store, "attempts")) == 1

    def test_a_broken_database_harms_no_request(self, house, hurry):
        house.store.tables["attempts"].drop(house.store.engine)
        Broom().now_and_then(house)
