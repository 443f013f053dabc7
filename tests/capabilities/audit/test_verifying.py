"""Whoever changes the log without the key is found out, and it is said where."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from threading import Barrier

import pytest
import sqlalchemy as sa

from housekey.capabilities.audit import segments, start
from housekey.capabilities.audit.entries import content
from housekey.capabilities.audit.keys import derived, keys_of
from housekey.capabilities.audit.tables import ERASED
from housekey.capabilities.audit.verifying import verify
from housekey.capabilities.profile.events import ProfileChanged
from housekey.capabilities.registration import actions as registration
from housekey.kernel import clock
from rig.apps import log_in, registered, small_app
from rig.audit import entries, events
from rig.people import administrator, house_of, id_of

ROUNDS = 50


@pytest.fixture
def app():
    """With one segment of several entries."""
    app = small_app()
    client = registered(app)
    for _ in range(3):
        log_in(client)
        log_in(app.test_client(), password="not the right one")
    return app


@pytest.fixture
def change(app):
    """Runs statements as somebody who has the database and not the key."""

    def run(*statements):
        with house_of(app).write() as unit:
            for statement in statements:
                assert unit.execute(statement).rowcount

    return run


@pytest.fixture
def rows(app):
    return house_of(app).store.tables["audit_entries"]


@pytest.fixture
def ends(app):
    return house_of(app).store.tables["audit_segments"]


def problems(app):
    return [str(problem) for problem in verify(house_of(app)).problems]


def last(app):
    return max(entry["position"] for entry in entries(app))


@pytest.mark.asvs("16.4.2")
def test_an_untouched_log_is_sound(app):
    verdict = verify(house_of(app))
    assert verdict.good, verdict.problems
    assert (verdict.segments, verdict.entries) == (1, len(entries(app)))
    assert verdict.ends == {1: entries(app)[-1]["mac"].hex()}


def test_an_empty_log_is_sound():
    assert problems(small_app()) == []


@pytest.mark.asvs("16.4.2")
@pytest.mark.parametrize(
    ("column", "value"),
    [("event", "LoggedIn"), ("subject", "999"), ("actor", "999"), ("outcome", "success"), ("reason", "other"),
     ("owasp", None), ("session", "other"), ("details", "{}"), ("actor_kind", "operator"),
     ("personal_hash", bytes(32))],
)  # fmt: skip
def test_a_changed_column_is_found(app, change, rows, column, value):
    position = entries(app, event="LoginRefused")[0]["position"]
    change(sa.update(rows).where(rows.c.position == position).values({column: value}))
    assert f"segment 1, entry {position}: " in problems(app)[0]


def test_a_changed_time_is_found(app, change, rows):
    change(sa.update(rows).where(rows.c.position == 2).values(at=clock.now()))
    assert "segment 1, entry 2: it was changed" in problems(app)[0]


@pytest.mark.parametrize(
    "values", [{"personal": '{"address":"192.0.2.1"}'}, {"personal": None}, {"address": "192.0.2.66"}]
)
def test_a_changed_personal_part_is_found(app, change, rows, values):
    change(sa.update(rows).where(rows.c.position == 3).values(values))
    assert problems(app) == ["segment 1, entry 3: its personal part isn't what was signed"]


def test_something_personal_that_comes_back_after_erasing_is_found(app, change, rows):
    """Whoever was erased must not be made to have done it from some address."""
    registration.delete(house_of(app), id_of(app))
    assert problems(app) == []
    change(sa.update(rows).where(rows.c.position == 3).values(address="192.0.2.66"))
    assert problems(app) == ["segment 1, entry 3: its personal part isn't what was signed"]


@pytest.mark.asvs("16.4.2")
def test_the_address_of_somebody_who_is_still_there_is_not_taken_out_as_if_erased(database_url):
    """A thief with the database and without the key hides where they came from."""
    app = small_app(database_url)
    registered(app)
    log_in(app.test_client(), "nobody@example.test")
    table = house_of(app).store.tables["audit_entries"]
    hers, nobodys = entries(app, event="LoggedIn")[0], entries(app, event="LoginRefused")[0]
    assert (hers["subject"], nobodys["subject"], nobodys["actor"]) == (str(id_of(app)), None, None)
    assert problems(app) == []
    positions = [hers["position"], nobodys["position"]]
    with house_of(app).write() as unit:
        unit.execute(sa.update(table).where(table.c.position.in_(positions)).values(ERASED))
    taken = "its personal part was taken out, and nobody whom it names has left"
    assert problems(app) == [f"segment 1, entry {position}: {taken}" for position in positions]


def test_what_an_administrator_did_to_somebody_who_has_left_is_erased_and_sound():
    app = small_app()
    root = administrator(app)
    registered(app)
    assert root.patch(f"/account/api/admin/users/{id_of(app)}", json={"disabled": True}).status_code == 200
    registration.delete(house_of(app), id_of(app))
    assert entries(app, event="UserDisabled")[0]["salt"] is None
    assert problems(app) == []


def test_a_number_that_somebody_else_bears_by_now_calls_nothing_changed():
    """SQLite gives it once more."""
    app = small_app()
    registered(app)
    former = id_of(app)
    registration.delete(house_of(app), former)
    registered(app, "bob@example.test")
    assert id_of(app, "bob@example.test") == former
    assert verify(house_of(app)).erased
    assert problems(app) == []


def test_a_segment_that_nobody_has_begun_is_found(app, change, ends):
    with house_of(app).read() as connection:
        copied = dict(connection.execute(sa.select(ends).where(ends.c.number == 1)).mappings().one())
    change(sa.insert(ends).values(copied | {"number": 7}))
    assert any("segment 7: the register doesn't know this segment" in problem for problem in problems(app))


def test_a_removed_entry_is_found(app, change, rows):
    change(sa.delete(rows).where(rows.c.position == 4))
    assert problems(app)[0] == "segment 1, entry 4: it is missing"


def test_a_removed_entry_is_found_though_the_others_move_up(app, change, rows):
    moves = [sa.update(rows).where(rows.c.position == n).values(position=n - 1) for n in range(5, last(app) + 1)]
    change(sa.delete(rows).where(rows.c.position == 4), *moves)
    assert problems(app)[0].startswith("segment 1, entry 4: it was changed")


def test_a_tail_that_was_cut_off_is_found(app, change, rows):
    end = last(app)
    change(sa.delete(rows).where(rows.c.position > end - 3))
    assert problems(app)[0] == f"segment 1, entry {end - 2}: it is missing, with all up to {end}"


def test_a_tail_that_was_cut_off_with_its_end_is_found(app, change, rows, ends):
    cut = last(app) - 3
    head = next(entry["mac"] for entry in entries(app) if entry["position"] == cut)
    change(
        sa.delete(rows).where(rows.c.position > cut),
        sa.update(ends).where(ends.c.number == 1).values(position=cut, head=head),
    )
    assert problems(app)[0].startswith("segment 1: its end can't be trusted")


def test_swapped_entries_are_found(app, change, rows):
    swap = [(2, 0), (3, 2), (0, 3)]
    change(*(sa.update(rows).where(rows.c.position == old).values(position=new) for old, new in swap))
    assert "segment 1, entry 2: it was changed" in problems(app)[0]
    assert "segment 1, entry 3: it was changed" in problems(app)[1]


def forged(app, key, position):
    """The last row once more, signed with `key`."""
    row = dict(entries(app)[-1])
    row |= {"position": position, "details": "{}", "personal": None, "salt": None, "address": None}
    row["mac"] = key.mac(content(row, 1, position, entries(app)[-1]["mac"]))
    return row


def test_a_forged_entry_behind_the_end_is_found(app, change, rows):
    position = last(app) + 1
    change(sa.insert(rows).values(forged(app, derived("a guess"), position)))
    assert problems(app) == [f"segment 1, entry {position}: it was put in behind the end of the chain"]


def test_a_forged_entry_with_a_forged_end_is_found(app, change, rows, ends):
    position, key, moment = last(app) + 1, derived("a guess"), clock.now()
    row = forged(app, key, position)
    end = segments.End(1, moment, position, row["mac"], moment)
    values = {"started_at": moment, "last_at": moment, "position": position, "head": row["mac"]}
    change(
        sa.insert(rows).values(row),
        sa.update(ends).where(ends.c.number == 1).values(**values, seal=segments.sealed(key, end)),
    )
    assert problems(app)[0].startswith("segment 1: its end can't be trusted")
    assert any(problem.startswith(f"segment 1, entry {position}: it was changed") for problem in problems(app))


def test_an_end_of_another_history_is_found_though_our_own_key_has_signed_it(app, change, rows):
    """Two copies of a database that both went on have different last entries, each signed by us."""
    position, (key, *_former) = last(app), keys_of(house_of(app))
    before, other = entries(app)[-2]["mac"], dict(entries(app)[-1])
    other["reason"] = "of the other copy"
    mac = key.mac(content(other | {"details": raw(app, position)}, 1, position, before))
    change(sa.update(rows).where(rows.c.position == position).values(reason=other["reason"], mac=mac))
    assert problems(app) == [f"segment 1, entry {position}: the chain doesn't end as it was sealed"]


def raw(app, position):
    """Its details as they lie in the database."""
    table = house_of(app).store.tables["audit_entries"]
    with house_of(app).read() as connection:
        return connection.scalar(sa.select(table.c.details).where(table.c.position == position))


def test_a_whole_segment_that_was_removed_is_found(app, change, rows, ends):
    change(sa.delete(rows), sa.delete(ends).where(ends.c.number == 1))
    assert problems(app) == ["segment 1: the whole segment is missing"]


def test_a_register_that_was_removed_is_found_and_stays_found(app, change, ends):
    change(sa.delete(ends).where(ends.c.number == 0))
    assert problems(app) == ["the whole log: the register of segments is missing"]
    house_of(app).events = type(house_of(app).events)()  # another process: it must begin a segment of its own
    start(house_of(app))
    log_in(app.test_client())
    assert len(problems(app)) == 1
    assert "the register was missing or broken" in problems(app)[0]


def test_a_process_does_not_sign_what_somebody_else_has_changed(app, change, rows, ends):
    """It goes on in a new segment, and the old one stays broken."""
    cut = last(app) - 3
    head = next(entry["mac"] for entry in entries(app) if entry["position"] == cut)
    change(
        sa.delete(rows).where(rows.c.position > cut),
        sa.update(ends).where(ends.c.number == 1).values(position=cut, head=head),
    )
    log_in(app.test_client())
    assert {entry["segment"] for entry in entries(app)} == {1, 2}
    assert problems(app)[0].startswith("segment 1: its end can't be trusted")


def test_a_former_key_still_verifies_and_a_lost_one_is_told(app):
    former, app.secret_key = app.secret_key, "another key, as long as keys should be"
    assert "signed with a key that isn't here any more" in problems(app)[0]
    app.config["SECRET_KEY_FALLBACKS"] = [former]
    assert problems(app) == []


def test_a_key_of_the_logs_own_signs_it():
    app = small_app(HOUSEKEY_AUDIT_KEY="the log's own key, which only it has")
    registered(app)
    assert problems(app) == []
    app.secret_key = "another key, as long as keys should be"
    assert problems(app) == []


@pytest.mark.asvs("14.2.7")
def test_a_person_who_goes_is_erased_and_the_chain_is_sound(database_url):
    app = small_app(database_url)
    registered(app, "bob@example.test")
    client = registered(app)
    client.environ_base["REMOTE_ADDR"] = "203.0.113.77"
    log_in(client)
    ann = id_of(app)
    before = events(app)
    registration.delete(house_of(app), ann)
    assert set(before) < set(events(app))
    hers = entries(app, subject=str(ann))
    assert hers[-1]["event"] == "UserDeleted"
    assert {(entry["address"], entry["personal"], entry["salt"]) for entry in hers} == {(None, None, None)}
    assert "203.0.113.77" not in str(entries(app))
    assert all(entry["personal"] for entry in entries(app) if entry["subject"] != str(ann))
    verdict = verify(house_of(app))
    assert verdict.good, verdict.problems
    assert verdict.erased == len(hers)


def test_a_person_whom_the_host_deletes_is_erased(database_url):
    app = small_app(database_url)
    registered(app)
    ann = id_of(app)
    with app.app_context():
        session = app.accounts.session
        session.delete(session.get(app.accounts.User, ann))
        session.commit()
    assert {entry["personal"] for entry in entries(app, subject=str(ann))} == {None}
    assert problems(app) == []


def publish_and_fail(house, event):
    """A verb that is rolled back after its event."""
    with suppress(ZeroDivisionError), house.write() as unit:
        unit.publish(event)
        raise ZeroDivisionError
    return 0


@pytest.mark.parametrize("again", [False, True])
def test_what_is_rolled_back_to_a_savepoint_is_neither_missed_nor_told(database_url, caplog, again):
    """As what a listener of a refusal has published before it failed."""
    app = small_app(database_url)
    registered(app)
    house, ann = house_of(app), id_of(app)

    def happened(word):
        return ProfileChanged(user_id=ann, fields=(word,), at=clock.now())

    with caplog.at_level(logging.INFO, "housekey.events"), house.write() as unit:
        unit.publish(happened("before"))
        with suppress(ZeroDivisionError), unit.session.begin_nested(), unit.session.begin_nested():
            unit.publish(happened("lost"))
            raise ZeroDivisionError
        if again:
            unit.publish(happened("again"))
    house.announce(happened("after"))
    kept = [entry["details"]["fields"] for entry in entries(app, event="ProfileChanged")]
    assert kept == [["before"], *([["again"]] if again else []), ["after"]]
    assert problems(app) == []
    assert "before" in caplog.text
    assert "lost" not in caplog.text


def test_parallel_writers_lose_nothing_and_the_chains_are_sound(database_url, together):
    app = small_app(database_url)
    registered(app)
    house, ann, before = house_of(app), id_of(app), len(entries(app))
    written = 0
    for number in range(ROUNDS):

        def act(thread, number=number):
            event = ProfileChanged(user_id=ann, fields=(f"{number}-{thread}",), at=clock.now())
            if thread == 3 and number % 5 == 0:
                return publish_and_fail(house, event)
            house.announce(event)
            return 1

        written += sum(together(4, act))
    found = entries(app, event="ProfileChanged")
    assert len(found) == written
    assert len({entry["details"]["fields"][0] for entry in found}) == written
    assert len(entries(app)) == before + written
    verdict = verify(house)
    assert verdict.good, verdict.problems
    assert verdict.segments <= 5, "as many chains as there are writers at once, not more"


@pytest.mark.parametrize("database_url", ["postgresql", "mariadb"], indirect=True)
def test_a_writer_does_not_wait_for_another_ones_transaction(database_url, together):
    """Four transactions of which none ends before each has written its entry: whoever waited would wait for ever."""
    app = small_app(database_url)
    registered(app)
    house, ann, all_have_written = house_of(app), id_of(app), Barrier(4)

    def write_and(then):
        with house.write() as unit:
            unit.publish(ProfileChanged(user_id=ann, fields=("name",), at=clock.now()))
            then()

    while verify(house).segments < 4:  # whoever finds the others' chains in use begins one more, once a day
        together(4, lambda n: write_and(lambda: time.sleep(0.1)))
    together(4, lambda n: write_and(lambda: all_have_written.wait(30)))
    assert verify(house).good


def test_two_processes_write_chains_of_their_own(database_url, together):
    """As two apps on one database do."""
    apps = [small_app(database_url, SECRET_KEY="one key for both") for _ in range(2)]
    for app in apps:
        app.secret_key = "the key that both processes have"
    registered(apps[0])
    ann = id_of(apps[0])
    for _ in range(10):
        together(
            4,
            lambda n: house_of(apps[n % 2]).announce(ProfileChanged(user_id=ann, fields=(str(n),), at=clock.now())),
        )
    assert len(entries(apps[0], event="ProfileChanged")) == 40
    assert problems(apps[1]) == []
