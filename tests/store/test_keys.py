"""Keys of users as people and programs write them."""

import pytest

from rig.apps import registered, small_app


def filled(url):
    small_app(url)


@pytest.fixture
def schema():
    return filled


@pytest.mark.parametrize("text", ["9" * 40, "-" + "9" * 40, str(2**63), str(2**31), "one", "", "1.5", "\0", "٣", "0x1"])
def test_what_can_be_no_key_is_nobodys_on_every_database(database_url, text):
    app = small_app(database_url)
    store = app.extensions["housekey"].house.store
    with app.app_context():
        key = store.parse_key(text)
        with store.read() as connection:
            assert store.column_values(connection, key, ("name",)) == {}


def test_a_key_is_its_users(database_url):
    app = small_app(database_url)
    registered(app, name="Ann")
    store = app.extensions["housekey"].house.store
    with app.app_context(), store.read() as connection:
        assert store.column_values(connection, store.parse_key("1"), ("name",)) == {"name": "Ann"}
