"""Users that the host has already are taken on: none is lost, and no clash of names stops it."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey.store import adoption, users
from housekey.store.adoption import adopt_users
from housekey.store.creation import create_tables
from housekey.store.upgrading import check
from store.models import add_users, filled, make_store, make_user, rows


@pytest.fixture
def schema(request):
    return filled if "store" in request.fixturenames else None


@pytest.fixture
def store(database_url):
    return make_store(database_url)


def old_users(store, *people, first=1):
    """Rows of the host's table, as they were before Housekey came."""
    table = store.schema.mapper.local_table
    blank = {"id": None, "email": None, "username": None}
    with store.engine.begin() as connection:
        connection.execute(
            sa.insert(table), [blank | {"id": n} | person for n, person in enumerate(people, start=first)]
        )


def keys(store):
    return {row["key"]: row["user_id"] for row in rows(store, "identifiers")}


def test_each_user_gets_an_account_and_identifiers(store):
    old_users(store, {"email": "Ann@Example.org", "username": "Ann"}, {"email": "bob@example.org"}, {"username": "Cy"})
    adopted = adopt_users(store)
    assert (adopted.users, adopted.unusable) == (3, ())
    assert keys(store) == {"ann@example.org": 1, "ann": 1, "bob@example.org": 2, "cy": 3}
    assert {row["user_id"]: row["security_version"] for row in rows(store, "accounts")} == {1: 0, 2: 0, 3: 0}


def test_an_address_from_before_is_not_verified(store):
    old_users(store, {"email": "ann@example.org"})
    adopt_users(store)
    assert [row["verified_at"] for row in rows(store, "identifiers")] == [None]


def test_a_user_without_any_name_still_gets_an_account(store):
    old_users(store, {}, {"email": ""})
    assert adopt_users(store).users == 2
    assert keys(store) == {}


def test_two_users_with_one_address_are_told_with_both_keys(store):
    old_users(store, {"email": "ann@example.org"}, {"email": "ANN@example.org", "username": "ann2"})
    (clash,) = adopt_users(store).unusable
    assert (clash.kind, clash.bearer, clash.user_id) == ("email", 1, 2)
    assert str(clash) == "users 1 and 2 have the same email: 2 can't log in by it"
    assert keys(store) == {"ann@example.org": 1, "ann2": 2}


def test_a_clash_with_somebody_who_is_taken_on_already_is_told(store):
    (first,) = add_users(store, {"email": "ann@example.org", "username": "ann"})
    with store.engine.begin() as connection:
        later = {"id": 50, "email": "Ann@example.org", "username": "ANN"}
        connection.execute(sa.insert(store.schema.mapper.local_table), [later])
    clashes = adopt_users(store).unusable
    assert {(clash.kind, clash.bearer, clash.user_id) for clash in clashes} == {
        ("email", first, 50),
        ("username", first, 50),
    }


def test_a_username_that_is_somebodys_address_is_no_identifier(store):
    """Flaw 20: else its bearer would receive, or lock, what belongs to the address."""
    old_users(store, {"email": "ann@example.org"}, {"username": "ann@example.org"})
    (unusable,) = adopt_users(store).unusable
    assert str(unusable) == "user 2 has an @ in the username, and can't log in by it"
    assert keys(store) == {"ann@example.org": 1}


def test_what_is_no_address_is_no_identifier(store):
    old_users(store, {"email": "none"}, {"email": "none"})
    assert [str(one) for one in adopt_users(store).unusable] == [
        "user 1 has no @ in the e-mail address, and can't log in by it",
        "user 2 has no @ in the e-mail address, and can't log in by it",
    ]


def test_look_alikes_from_before_are_kept_and_the_first_has_the_look(store):
    old_users(store, {"username": "paypal"}, {"username": "paypaI"}, {"username": "pаypal"})
    assert adopt_users(store).unusable == ()
    assert [row["user_id"] for row in rows(store, "identifiers") if row["skeleton"]] == [1]


def test_what_was_done_stays_done_when_it_is_interrupted(store, monkeypatch):
    monkeypatch.setattr(adoption, "BATCH", 2)
    old_users(store, *({"email": f"user{n}@example.org"} for n in range(5)))

    def stop(done, total):
        assert total == 5
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        adopt_users(store, stop)
    assert len(rows(store, "accounts")) == 2
    told = []
    assert adopt_users(store, lambda *progress: told.append(progress)).users == 3
    assert told == [(2, 3), (3, 3)]
    assert check(store).unadopted == 0
    assert len(keys(store)) == 5


def test_nothing_is_done_twice(store):
    old_users(store, {"email": "ann@example.org"})
    assert adopt_users(store).users == 1
    assert adopt_users(store).users == 0


@pytest.mark.parametrize("key", ["uuid", "string"])
def test_keys_of_every_kind_are_walked_through(database_url, monkeypatch, key):
    monkeypatch.setattr(adoption, "BATCH", 3)
    store = make_store(database_url, make_user(key))
    create_tables(store)
    people = add_users(store, *({"email": f"user{n}@example.org"} for n in range(10)))
    with store.engine.begin() as connection:
        for noun in ("identifiers", "accounts"):
            connection.execute(sa.delete(store.tables[noun]))
    assert adopt_users(store).users == 10
    assert set(keys(store).values()) == set(people)


def test_several_upgrades_at_once_take_each_user_on_once(store, together, monkeypatch):
    monkeypatch.setattr(adoption, "BATCH", 7)
    old_users(store, *({"email": f"user{n}@example.org", "username": f"user{n}"} for n in range(60)))
    adopted = together(4, lambda _number: adopt_users(store).users)
    assert sum(adopted) == 60
    assert len(keys(store)) == 120


def test_people_register_while_users_from_before_are_taken_on(store, together, monkeypatch):
    """Some of them with an address that belongs to a user from before: whoever comes second is refused or told."""
    monkeypatch.setattr(adoption, "BATCH", 5)
    old_users(store, *({"email": f"user{n}@example.org"} for n in range(40)), first=1000)

    def act(number):
        if number == 0:
            return adopt_users(store)
        return [register(f"user{n}@example.org") for n in range(number * 10, number * 10 + 10)]

    def register(address):
        try:
            return add_users(store, {"email": address})
        except IntegrityError:
            return None

    adopted, *registered = together(5, act)
    assert adopted.users == 40
    new = [made[0] for batch in registered for made in batch if made]
    told = {clash.user_id for clash in adopted.unusable}
    assert told.isdisjoint(new)
    assert len(rows(store, "accounts")) == 40 + len(new)
    assert len(keys(store)) == 50, "ten addresses are new, each of the forty has one bearer"
    assert len(new) == 10 + len(told)


LOCKS = pytest.mark.parametrize("lock", [users.lock, users.lock_at_login])


@LOCKS
def test_a_user_who_was_made_behind_our_back_is_taken_on_at_the_first_login(store, lock):
    """The account row, on which a login locks, isn't there yet."""
    old_users(store, {"email": "ann@example.org"})
    with store.write() as session:
        facts = lock(session, store.schema, 1)
    assert facts.email == "ann@example.org"
    assert [row["last_login_at"] for row in rows(store, "accounts")] == [facts.last_login_at]
    assert (facts.last_login_at is not None) == (lock is users.lock_at_login)
    assert keys(store) == {"ann@example.org": 1}
    assert adopt_users(store).users == 0


@LOCKS
def test_nobody_can_be_locked_who_isnt_there(store, lock):
    with store.write() as session:
        assert lock(session, store.schema, 4711) is None
    assert rows(store, "accounts") == []
