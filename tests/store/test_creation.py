"""A first run makes everything, also when several workers start at the same moment."""

import subprocess
import sys

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from housekey.migrations import LATEST
from housekey.store.creation import create_tables
from housekey.store.locking import alone
from housekey.store.upgrading import check, current_version
from store.models import add_users, make_store, make_user, rows

WORKER = """
import sys
from flask import Flask
from housekey import Housekey

app = Flask("worker")
app.secret_key = "0123456789abcdef" * 2
app.config["SQLALCHEMY_DATABASE_URI"] = sys.argv[1]
print("ready", flush=True)
sys.stdin.readline()
Housekey(app)
"""


def start_worker(url):
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_workers_that_start_together_make_the_tables_once(database_url):
    workers = [start_worker(database_url) for _ in range(4)]
    try:
        assert [worker.stdout.readline() for worker in workers] == ["ready\n"] * 4
        for worker in workers:
            worker.stdin.write("go\n")
            worker.stdin.flush()
        complaints = [worker.communicate(timeout=60)[1] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    assert [worker.returncode for worker in workers] == [0] * 4, complaints
    assert check(make_store(database_url, _as_housekey_makes_it())).good


def _as_housekey_makes_it():
    from housekey.store.database import own_user_model

    return own_user_model()[1]


def test_threads_that_start_together_make_the_tables_once(database_url, together):
    stores = [make_store(database_url) for _ in range(4)]
    together(4, lambda number: create_tables(stores[number]))
    assert check(stores[0]).good


def test_the_hosts_own_tables_are_made_beside_ours(sqlite_url):
    user = make_user()
    sa.Table("posts", user.metadata, sa.Column("id", sa.Integer, primary_key=True))
    store = make_store(sqlite_url, user)
    create_tables(store)
    assert {"posts", "people", "housekey_accounts"} <= set(sa.inspect(store.engine).get_table_names())


def test_a_second_start_changes_nothing(database_url):
    create_tables(make_store(database_url))
    store = make_store(database_url)
    add_users(store, {"email": "ann@example.org"})
    create_tables(store)
    assert current_version(store) == LATEST
    assert len(rows(store, "accounts")) == 1


def test_start_up_takes_on_users_who_were_there_before(database_url):
    store = make_store(database_url)
    store.schema.mapper.local_table.create(store.engine)
    with store.engine.begin() as connection:
        connection.execute(sa.insert(store.schema.mapper.local_table).values(email="ann@example.org"))
    create_tables(store)
    assert check(store).good


def fail_on_the_way(store):
    with alone(store.engine) as connection:
        store.tables["roles"].create(connection)
        raise RuntimeError


def test_a_failure_undoes_all_or_can_be_repeated(database_url):
    """MariaDB can't take back a table; then the next start goes on."""
    store = make_store(database_url)
    with pytest.raises(RuntimeError):
        fail_on_the_way(store)
    create_tables(store)
    assert check(store).good


def test_two_databases_of_one_server_dont_wait_for_each_other(databases):
    with databases["mariadb"].fresh() as one, databases["mariadb"].fresh() as other:
        first, second = make_store(one), make_store(other)
        with alone(first.engine):
            create_tables(second)
        first.engine.dispose()
        second.engine.dispose()


def test_a_host_that_begins_its_own_transactions_on_sqlite_can_make_tables(sqlite_url):
    """SQLAlchemy's own recipe for savepoints: the driver begins nothing, a listener says BEGIN."""
    store = make_store(sqlite_url)

    @event.listens_for(store.engine, "connect")
    def driver_begins_nothing(connection, record):
        connection.isolation_level = None

    @event.listens_for(store.engine, "begin")
    def begin(connection):
        connection.exec_driver_sql("BEGIN")

    create_tables(store)
    assert add_users(store, {"email": "ann@example.org"}) == [1]
    assert check(store).good


def test_an_engine_of_stricter_isolation_sees_what_another_worker_has_made(databases, together):
    with databases["postgresql"].fresh() as url:
        stores = [make_store(url) for _ in range(3)]
        for store in stores:
            store.engine.update_execution_options(isolation_level="SERIALIZABLE")
        together(3, lambda number: create_tables(stores[number]))
        assert check(stores[0]).good
        for store in stores:
            store.engine.dispose()
