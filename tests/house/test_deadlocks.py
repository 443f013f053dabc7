"""A transaction that the database gives up is run again, wherever in it that was noticed."""

from __future__ import annotations

from threading import Barrier

import pytest

from housekey.capabilities.notices.events import AccountFrozen
from housekey.kernel import clock
from housekey.store import users
from rig.apps import registered, small_app
from rig.audit import entries
from rig.people import house_of, id_of

ANN, BOB = "ann@example.test", "bob@example.test"


@pytest.mark.parametrize("database_url", ["postgresql", "mariadb"], indirect=True)
def test_a_deadlock_in_a_listener_of_an_ending_loses_no_record_of_it(database_url, together):
    """On MariaDB the savepoint around the listener goes with the transaction, and leaving it is an error of its own."""
    app = small_app(database_url)
    for email in (ANN, BOB):
        registered(app, email)
    house, people, both_have_one, tried = house_of(app), [id_of(app, ANN), id_of(app, BOB)], Barrier(2, timeout=60), []

    def lock_both(event, session):
        other = next(who for who in people if who != event.user_id)
        users.lock(session, house.store.schema, event.user_id)
        tried.append(event.user_id)
        if len(tried) <= 2:
            both_have_one.wait()
        users.lock(session, house.store.schema, other)

    house.events.on(AccountFrozen, lock_both)
    moment = clock.now()
    events = [AccountFrozen(user_id=who, at=moment) for who in people]
    together(2, lambda n: house.announce(events[n]))
    assert len(tried) == 3, "one of them was given up, and run again"
    assert len(entries(app, event="AccountFrozen")) == 2
