"""A connection that the server has ended while it rested costs nobody a request, and none is asked that just worked."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from housekey.store import pinging
from rig.apps import registered, small_app
from rig.people import house_of

ON_SERVERS = pytest.mark.parametrize("database_url", ["postgresql", "mariadb"], indirect=True)
OTHERS = {
    "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "mariadb": "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
}
END = {"postgresql": "SELECT pg_terminate_backend({})", "mariadb": "KILL {}"}


@pytest.fixture
def rested(monkeypatch):
    """Every connection counts as one that has rested."""
    monkeypatch.setattr(pinging, "AWAKE_S", -1)


@pytest.fixture
def pings(monkeypatch):
    """One entry for each time that a connection is asked."""
    seen = []

    def count(self, *arguments):
        seen.append(arguments)
        return original(self, *arguments)

    original = pinging._Wake._is_alive
    monkeypatch.setattr(pinging._Wake, "_is_alive", count)
    return seen


def end_all(database_url):
    engine = sa.create_engine(database_url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    kind = "postgresql" if database_url.startswith("postgresql") else "mariadb"  # its older dialect is called mysql
    with engine.connect() as connection:
        for number in connection.exec_driver_sql(OTHERS[kind]).scalars().all():
            connection.exec_driver_sql(END[kind].format(number))


@ON_SERVERS
def test_what_the_server_has_ended_is_made_anew_before_anybody_needs_it(database_url, rested):
    app = small_app(database_url)
    browser = registered(app)
    end_all(database_url)
    assert browser.get("/private").status_code == 200
    end_all(database_url)
    assert browser.patch("/account/api/me", json={"name": "Ann"}).status_code == 200


@ON_SERVERS
def test_the_others_of_the_pool_are_made_anew_with_it(database_url, monkeypatch):
    engine = house_of(small_app(database_url)).store.engine
    first, second = engine.connect(), engine.connect()
    first.close()
    second.close()
    end_all(database_url)
    monkeypatch.setattr(pinging, "AWAKE_S", -1)
    with engine.connect():
        monkeypatch.undo()
        with engine.connect() as other:
            assert other.scalar(sa.select(1)) == 1


@ON_SERVERS
def test_who_has_just_answered_is_not_asked(database_url, pings):
    browser = registered(small_app(database_url))
    for _ in range(5):
        browser.get("/private")
    assert len(pings) <= 1, "a slow machine may have let one rest"


@ON_SERVERS
def test_who_has_rested_is_asked(database_url, pings, rested):
    browser = registered(small_app(database_url))
    pings.clear()
    browser.get("/private")
    assert pings
