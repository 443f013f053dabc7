"""`flask housekey seal rotate`: everything lies under the newest key, and nothing that came between is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa

from housekey.capabilities.totp import apps
from housekey.commands.diagnosis import sealed
from housekey.kernel.sealing import Place
from housekey.store import resealing
from housekey.store.types import digest_type
from housekey.web.here import here
from rig.apps import log_in, registered, small_app
from rig.mails import deliver, house_of, outbox, send
from rig.phones import answer, with_phone

TESTS = Path(__file__).parent.parent
OLD, NEW = "0123456789abcdef" * 4, "fedcba9876543210" * 4
ROTATED = {"HOUSEKEY_SEAL_KEY": NEW, "HOUSEKEY_SEAL_KEY_FALLBACKS": (OLD,)}
BEFORE = {"HOUSEKEY_SEAL_KEY": OLD}


def seals(app):
    return resealing.count(house_of(app))


def seeds(app):
    table = house_of(app).store.tables["authenticator_apps"]
    with house_of(app).read() as connection:
        return dict(connection.execute(sa.select(table.c.id, table.c.seed)).all())


def insert_apps(app, number):
    """So many apps of Ann's, each seed its own number."""
    house = house_of(app)
    schema = house.store.schema

    def fill(unit):
        user_id = unit.execute(sa.select(schema.key)).scalar_one()
        row = unit.execute(sa.select(unit.tables["authenticator_apps"])).mappings().one()
        for n in range(number):
            new = f"{n:022}"
            seed = house.sealer.seal(str(n).encode(), apps.place(new))
            values = {**row, "id": new, "seed": seed, "user_id": user_id}
            unit.execute(sa.insert(unit.tables["authenticator_apps"]).values(values))

    house.run(fill)


def test_a_phone_goes_on_working_when_the_former_key_has_gone(database_url, runner):
    before = small_app(database_url, **BEFORE)
    phone = with_phone(registered(before))
    send(before)
    number = 1 + len(outbox(before))
    app = small_app(database_url, **ROTATED)
    assert seals(app) == resealing.Seals(former=number)
    assert f"Sealed anew: {number}." in runner(app)("seal", "rotate").stdout
    assert seals(app) == resealing.Seals(current=number)
    alone = small_app(database_url, HOUSEKEY_SEAL_KEY=NEW)
    client = alone.test_client()
    assert log_in(client).status_code == 202
    assert answer(client, phone.code()).status_code == 200
    sent = []
    alone.accounts.mail_transport(sent.append)
    deliver(alone)
    assert len(sent) == len(outbox(before))


def test_a_second_run_finds_nothing_to_do(sqlite_url, runner):
    with_phone(registered(small_app(sqlite_url, **BEFORE)))
    run = runner(small_app(sqlite_url, **ROTATED))
    run("seal", "rotate")
    assert "Nothing was to be sealed anew." in run("seal", "rotate").stdout
    assert run.json("seal", "rotate") == {"resealed": 0, "unreadable": 0}


def test_the_key_that_signs_seals_until_there_is_one_of_its_own(sqlite_url, runner):
    before = small_app(sqlite_url)
    with_phone(registered(before))
    app = small_app(sqlite_url, HOUSEKEY_SEAL_KEY=NEW)
    app.secret_key = before.secret_key
    assert seals(app).former > 0
    runner(app)("seal", "rotate")
    assert seals(app).former == 0


KILLED = """
import os, signal, sys
from housekey.store import resealing
from rig.apps import small_app
from rig.mails import house_of

def die(done, total):
    if done > 10:
        os.kill(os.getpid(), signal.SIGKILL)

resealing.BATCH = 10
app = small_app(sys.argv[1], HOUSEKEY_SEAL_KEY=sys.argv[2], HOUSEKEY_SEAL_KEY_FALLBACKS=(sys.argv[3],))
with app.app_context():
    resealing.rotate(house_of(app), die)
"""


def test_a_run_that_was_killed_is_continued_by_running_it_again(database_url, runner):
    before = small_app(database_url, **BEFORE)
    with_phone(registered(before))
    insert_apps(before, 30)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), os.environ.get("PYTHONPATH", "")])}
    child = subprocess.run([sys.executable, "-c", KILLED, database_url, NEW, OLD], env=environment, check=False)
    assert child.returncode == -signal.SIGKILL
    app = small_app(database_url, **ROTATED)
    halfway = seals(app)
    assert 10 < halfway.current < halfway.former
    runner(app)("seal", "rotate")
    assert seals(app) == resealing.Seals(current=halfway.current + halfway.former)
    house = house_of(app)
    opened = {key: house.sealer.open(seed, apps.place(key)) for key, seed in seeds(app).items()}
    assert all(opened[f"{n:022}"] == str(n).encode() for n in range(30))


def between(app, monkeypatch, column, act):
    """`act()` after rows of this column were read and before any is written."""
    sealer, seal = house_of(app).sealer, house_of(app).sealer.seal
    acts = [act]

    def sealing(plain, place):
        if acts and place.column == column:
            acts.pop()()
        return seal(plain, place)

    monkeypatch.setattr(sealer, "seal", sealing)


def test_a_row_that_the_app_changes_meanwhile_is_not_overwritten(database_url, monkeypatch):
    before = small_app(database_url, **BEFORE)
    phone = with_phone(registered(before))
    app = small_app(database_url, **ROTATED)
    changed = house_of(before).sealer.seal(b"another seed", apps.place(phone.id))
    table = house_of(before).store.tables["authenticator_apps"]
    other, meanwhile = house_of(before), sa.update(table).values(seed=changed)
    between(app, monkeypatch, "seed", lambda: other.run(lambda unit: unit.execute(meanwhile)))
    resealing.rotate(house_of(app), lambda done, total: None)
    assert seeds(app) == {phone.id: changed}
    resealing.rotate(house_of(app), lambda done, total: None)
    assert house_of(app).sealer.open(seeds(app)[phone.id], apps.place(phone.id)) == b"another seed"
    assert seals(app).former == 0


def test_a_mail_that_is_sent_meanwhile_stays_erased(sqlite_url, monkeypatch):
    before = small_app(sqlite_url, **BEFORE)
    send(before)
    app = small_app(sqlite_url, **ROTATED)
    before.accounts.mail_transport(lambda mail: None)
    between(app, monkeypatch, "body", lambda: deliver(before))
    resealing.rotate(house_of(app), lambda done, total: None)
    assert [row["body"] for row in outbox(app)] == [None]


def test_what_no_key_opens_is_told_and_left_as_it_is(sqlite_url, runner):
    before = small_app(sqlite_url, **BEFORE)
    phone = with_phone(registered(before))
    insert_apps(before, 9)
    there = seeds(before)
    told = runner(small_app(sqlite_url, HOUSEKEY_SEAL_KEY=NEW))("seal", "rotate", code=1)
    assert "housekey_authenticator_apps.seed, row " in told.stdout
    assert ": sealed with the key" in told.stdout
    assert "more that can't be opened" in told.stdout
    assert phone.id in there
    assert OLD not in told.output
    assert seeds(before) == there


def test_the_rest_is_sealed_anew_although_one_text_is_broken(sqlite_url, runner):
    before = small_app(sqlite_url, **BEFORE)
    with_phone(registered(before))
    insert_apps(before, 2)
    house, table = house_of(before), house_of(before).store.tables["authenticator_apps"]
    moved = house.sealer.seal(b"1", Place("housekey_authenticator_apps", "seed", "elsewhere"))
    house.run(lambda unit: unit.execute(sa.update(table).where(table.c.id == f"{0:022}").values(seed=moved)))
    run = runner(small_app(sqlite_url, **ROTATED))
    assert run.json("seal", "rotate", code=1)["unreadable"] == 1
    assert resealing.count(house_of(small_app(sqlite_url, **ROTATED))).former == 1


def test_without_a_key_the_command_says_what_to_set(runner):
    app = small_app()
    app.secret_key = None
    assert "set SECRET_KEY" in runner(app)("seal", "rotate", code=1).output


def finding(url, **settings):
    with small_app(url, **settings).app_context():
        found = sealed.examine(here.house)
        return [(line.level, line.text) for line in found]


def test_doctor_says_how_many_rows_lie_under_which_key(sqlite_url):
    with_phone(registered(small_app(sqlite_url, **BEFORE)))
    number = seals(small_app(sqlite_url, **BEFORE)).current
    assert finding(sqlite_url, **BEFORE) == [("ok", f"lie under the newest key: {number}.")]
    assert finding(sqlite_url, **ROTATED) == [("warn", f"lie under a former key: {number}.")]
    lost = [("fail", f"lie under a key that isn't here: {number}.")]
    assert finding(sqlite_url, HOUSEKEY_SEAL_KEY=NEW) == lost


OPEN = {("recovery_code_sets", "salt"), ("passkeys", "credential_id"), ("passkeys", "public_key")}
"""Binary, and neither digests nor sealed."""


def test_no_table_holds_sealed_texts_that_it_does_not_declare():
    schema = house_of(small_app()).store.schema
    binary = {
        (noun, column.name)
        for noun, table in schema.tables.items()
        for column in table.c
        if isinstance(column.type, sa.LargeBinary) and not isinstance(column.type, type(digest_type()))
    }
    assert binary - OPEN == {(noun, name) for noun, names in schema.sealed.items() for name in names}
