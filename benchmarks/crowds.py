"""How long a page of the administrators' list of users takes among 100,000: `python -m benchmarks.crowds`."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa
from flask import Flask

from benchmarks.__main__ import postgres, sqlite
from housekey import Housekey
from housekey.capabilities.admin import finding
from housekey.capabilities.admin.inputs import Search
from housekey.house import House

MARIADB = os.environ.get("HOUSEKEY_TEST_MARIADB", "mariadb+pymysql://root@127.0.0.1:3306/")
PEOPLE, AT_ONCE, ROUNDS = 100_000, 5_000, 5
SEARCHES: dict[str, dict[str, Any]] = {
    "newest": {}, "oldest": {"sort": "oldest"}, "by name": {"sort": "name"}, "by address": {"sort": "email"},
    "by last login": {"sort": "last_login"}, "active": {"state": "active"}, "disabled": {"state": "disabled"},
    "frozen": {"state": "frozen"}, "locked": {"state": "locked"}, "not confirmed": {"state": "unverified"},
    "with a role": {"role": "staff"}, "search, one fits": {"query": "person4242@"},
    "search, none fits": {"query": "zzz"}, "search, many fit": {"query": "example7"},
}  # fmt: skip


@contextlib.contextmanager
def mariadb() -> Iterator[str]:
    """A database of our own, dropped afterwards."""
    server, name = sa.create_engine(MARIADB), f"housekey_bench_{secrets.token_hex(4)}"
    with server.begin() as connection:
        connection.exec_driver_sql(f"create database {name} character set utf8mb4")
    try:
        yield sa.make_url(MARIADB).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.begin() as connection:
            connection.exec_driver_sql(f"drop database {name}")
        server.dispose()


def house_on(url: str) -> House:
    app = Flask("crowds")
    app.config.update(SECRET_KEY="k" * 40, SQLALCHEMY_DATABASE_URI=url, TESTING=True)
    accounts = Housekey(app)
    app.test_client().get("/account/login")  # makes the tables
    with app.app_context():
        return accounts.house


def settle(house: House) -> None:
    """Some have never logged in, a few are disabled, locked, not confirmed or have a role."""
    tables, people, now = house.store.tables, house.store.schema.mapper.local_table, datetime.now(UTC)
    with house.write() as unit:
        unit.execute(sa.insert(tables["roles"]).values(name="staff", created_at=now))
        for start in range(1, PEOPLE, AT_ONCE):
            ids = range(start, start + AT_ONCE)
            emails = {i: f"person{i * 7919 % PEOPLE}@example{i % 50}.org" for i in ids}
            names = [{"id": i, "email": emails[i], "name": f"Name {i * 31 % PEOPLE}"} for i in ids]
            unit.execute(sa.insert(people), names)
            unit.execute(sa.insert(tables["accounts"]), [account(i, now) for i in ids])
            rows = [{"key": emails[i], "kind": "email", "user_id": i, "created_at": now} for i in ids]
            unit.execute(sa.insert(tables["identifiers"]), [r | {"verified_at": confirmed(r, now)} for r in rows])
            staff = [{"user_id": i, "role": "staff"} for i in ids if i % 200 == 0]
            unit.execute(sa.insert(tables["user_roles"]), staff)
            unit.execute(sa.insert(tables["counters"]), [counter(i, now) for i in ids if i % 10 == 0])


def look_over(house: House) -> None:
    """The statistics that a database makes by itself after a while; without them it guesses."""
    names = ", ".join(table.name for table in house.store.schema.metadata.sorted_tables)
    statement = {"postgresql": "analyze", "mariadb": f"analyze table {names}"}.get(house.store.engine.dialect.name)
    with house.store.engine.begin() as connection:
        if statement:
            connection.exec_driver_sql(statement)


def account(i: int, now: datetime) -> dict[str, Any]:
    return {
        "user_id": i,
        "security_version": 1,
        "created_at": now - timedelta(seconds=i),
        "disabled_at": now if i % 500 == 0 else None,
        "frozen_at": now if i == 77 else None,
        "last_login_at": now - timedelta(seconds=i * 13 % PEOPLE) if i % 3 else None,
    }


def confirmed(row: dict[str, Any], now: datetime) -> datetime | None:
    return now if row["user_id"] % 1000 else None


def counter(i: int, now: datetime) -> dict[str, Any]:
    until = now + timedelta(days=1) if i % 1000 == 0 else None
    return {
        "key": secrets.token_bytes(32), "user_id": i, "failures": 1, "in_row": 1, "locked_until": until,
        "updated_at": now,
    }  # fmt: skip


def took(house: House, wanted: Search) -> float:
    """Milliseconds, the count of those who fit with it."""
    began = time.perf_counter()
    finding.total(house, wanted, finding.find(house, wanted))
    return (time.perf_counter() - began) * 1000


def main() -> None:
    for title, database in (("SQLite", sqlite), ("PostgreSQL", postgres), ("MariaDB", mariadb)):
        with database() as url:
            house = house_on(url)
            settle(house)
            look_over(house)
            print(f"\n{title}: ms a page of {finding.PAGE_SIZE} among {PEOPLE}\n")
            for name, about in SEARCHES.items():
                print(f"  {name:<20}{median(took(house, Search(**about)) for _round in range(ROUNDS)):>8.1f}")
            house.store.engine.dispose()


if __name__ == "__main__":
    main()
