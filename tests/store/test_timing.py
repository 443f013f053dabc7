"""What a database says when nothing but the timing is wrong is known from what is wrong; by its own errors."""

from __future__ import annotations

from threading import Barrier

import pytest
import sqlalchemy as sa

from housekey.kernel.deadlocks import is_deadlock, is_timing

SHORT = {
    "sqlite": "pragma busy_timeout = 1",
    "postgresql": "set lock_timeout = 1",
    "mariadb": "set innodb_lock_wait_timeout = 1",
}


@pytest.fixture
def engine(database_url):
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("create table things (id integer primary key, n integer)")
        connection.exec_driver_sql("insert into things values (1, 0), (2, 0)")
    yield engine
    engine.dispose()


def name_of(engine):
    return engine.dialect.name.replace("mysql", "mariadb")


def change(connection, which):
    connection.exec_driver_sql(f"update things set n = n + 1 where id = {which}")


def refused(connection, statement):
    with pytest.raises(sa.exc.DBAPIError) as refusal:
        connection.exec_driver_sql(statement)
    return refusal.value


def test_a_lock_that_somebody_else_holds_is_timing_and_no_deadlock(engine):
    with engine.connect() as first, engine.connect() as second:
        second.exec_driver_sql(SHORT[name_of(engine)])
        second.commit()
        change(first, 1)
        error = refused(second, "update things set n = 5 where id = 1")
        assert is_timing(error)
        assert not is_deadlock(error)


def test_whoever_a_deadlock_is_broken_for_may_try_again(engine, together):
    if name_of(engine) == "sqlite":
        pytest.skip("one writer at a time: nobody holds what another one wants")
    both = Barrier(2)

    def cross(n):
        with engine.begin() as connection:
            change(connection, 1 + n)
            both.wait(10)
            change(connection, 2 - n)

    broken = [error for error in together(2, cross, refusals=(sa.exc.DBAPIError,)) if error is not None]
    assert [is_deadlock(error) for error in broken] == [True]


def test_a_savepoint_that_went_with_its_transaction_tells_of_a_deadlock(engine):
    if name_of(engine) != "mariadb":
        pytest.skip("elsewhere a deadlock leaves the savepoint in place")
    with engine.connect() as connection:
        assert is_deadlock(refused(connection, "rollback to savepoint gone"))


def test_what_is_wrong_is_no_matter_of_timing(engine):
    with engine.connect() as connection:
        assert not is_timing(refused(connection, "insert into things values (1, 0)"))
        connection.rollback()
        assert not is_timing(refused(connection, "select nothing from nowhere"))
    assert not is_timing(ValueError("no error of a database"))
