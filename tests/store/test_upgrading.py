"""The tables made by migrations are the tables that are declared, and whoever upgrades loses nothing."""

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory

from housekey.errors import ConfigurationError
from housekey.migrations import LATEST
from housekey.store import versions
from housekey.store.creation import create_tables
from housekey.store.upgrading import alembic_config, check, current_version, stamp, upgrade
from store.models import KEYS, add_users, make_store, make_user, rows


def only_the_hosts_table(store):
    """As after the host's own migrations."""
    store.schema.mapper.local_table.create(store.engine)


def drop_all(store):
    store.schema.metadata.drop_all(store.engine)


def as_made(engine):
    """What stands in the database about each of our tables, as the database itself tells it."""
    inspector = sa.inspect(engine)
    names = sorted(name for name in inspector.get_table_names() if name.startswith("housekey_"))
    return {name: described(inspector, engine, name) for name in names}


def described(inspector, engine, name):
    def named(things):
        return sorted(repr({**thing, "duplicates_index": None}) for thing in things)

    return {
        "columns": [
            {**column, "type": column["type"].compile(engine.dialect)} for column in inspector.get_columns(name)
        ],
        "primary key": inspector.get_pk_constraint(name),
        "foreign keys": named(inspector.get_foreign_keys(name)),
        "unique": named(inspector.get_unique_constraints(name)),
        "indexes": named(inspector.get_indexes(name)),
    }


@pytest.mark.parametrize("key", KEYS)
def test_migrations_make_exactly_the_declared_tables(database_url, key):
    store = make_store(database_url, make_user(key))
    store.schema.metadata.create_all(store.engine)
    declared = as_made(store.engine)
    drop_all(store)
    only_the_hosts_table(store)
    upgrade(store)
    assert as_made(store.engine) == declared
    assert check(store).differences == []
    assert check(store).good


def test_latest_is_the_end_of_the_history():
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [LATEST]


def test_tables_that_the_host_makes_count_as_upgraded(database_url):
    store = make_store(database_url)
    store.schema.metadata.create_all(store.engine)
    assert current_version(store) == LATEST
    assert check(store).good
    assert upgrade(store).before == LATEST


def test_upgrading_twice_changes_nothing(database_url):
    store = make_store(database_url)
    only_the_hosts_table(store)
    assert upgrade(store).before is None
    made = as_made(store.engine)
    assert upgrade(store).before == LATEST
    assert as_made(store.engine) == made


def test_upgrading_before_the_hosts_own_migrations_says_what_to_do_first(database_url):
    store = make_store(database_url)
    with pytest.raises(ConfigurationError, match="flask db upgrade"):
        upgrade(store)
    assert sa.inspect(store.engine).get_table_names() == []


def test_upgrading_before_the_hosts_migration_of_its_users_names_the_columns(database_url):
    store = make_store(database_url)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(100))")
    with pytest.raises(ConfigurationError, match="username, name"):
        upgrade(store)


def test_an_interrupted_migration_goes_on_where_it_was(database_url):
    store = make_store(database_url)
    only_the_hosts_table(store)
    with store.engine.begin() as connection:
        versions.make_table(connection, store.schema)
        store.tables["accounts"].create(connection)
        store.tables["identifiers"].create(connection)
    with store.engine.begin() as connection:
        for index in store.tables["identifiers"].indexes:
            if connection.dialect.name not in ("mysql", "mariadb"):  # there a foreign key needs it
                index.drop(connection)
    upgrade(store)
    assert check(store).good


def test_start_up_finishes_an_interrupted_migration(database_url):
    store = make_store(database_url)
    only_the_hosts_table(store)
    with store.engine.begin() as connection:
        versions.make_table(connection, store.schema)
        store.tables["accounts"].create(connection)
    create_tables(store)
    assert check(store).good


def test_a_database_of_a_later_release_is_refused(database_url):
    store = make_store(database_url)
    create_tables(store)
    with store.engine.begin() as connection:
        versions.note(connection, store.schema, "9999")
    for verb in (upgrade, create_tables):
        with pytest.raises(ConfigurationError, match="9999"):
            verb(store)


def test_users_from_before_can_log_in_after_the_upgrade(database_url):
    store = make_store(database_url)
    only_the_hosts_table(store)
    with store.engine.begin() as connection:
        connection.execute(sa.insert(store.schema.mapper.local_table), [{"id": 7, "email": "Ann@Example.org"}])
    assert upgrade(store).adopted.users == 1
    assert [(row["key"], row["user_id"]) for row in rows(store, "identifiers")] == [("ann@example.org", 7)]


def test_stamping_notes_the_newest_revision_and_touches_no_table(database_url):
    store = make_store(database_url)
    stamp(store)
    assert current_version(store) == LATEST
    assert sa.inspect(store.engine).get_table_names() == ["housekey_version"]


class TestCheck:
    @pytest.fixture
    def store(self, database_url):
        store = make_store(database_url)
        create_tables(store)
        return store

    def change(self, store, statement):
        with store.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def test_names_a_missing_table(self, store):
        store.tables["windows"].drop(store.engine)
        assert "housekey_windows: the table is missing" in check(store).differences

    def test_names_a_missing_column(self, store):
        self.change(store, "ALTER TABLE housekey_accounts DROP COLUMN language")
        assert check(store).differences == ["housekey_accounts: the column language is missing"]

    def test_names_a_column_that_nobody_knows(self, store):
        self.change(store, "ALTER TABLE housekey_accounts ADD COLUMN shoe_size INTEGER")
        assert check(store).differences == ["housekey_accounts: the column shoe_size is not known here"]

    def test_names_a_missing_index(self, store):
        (index,) = store.tables["windows"].indexes
        index.drop(store.engine)
        assert check(store).differences == [f"housekey_windows: the index {index.name} is missing"]

    def test_names_a_column_of_another_type(self, store, database_url):
        if database_url.startswith("sqlite"):
            pytest.skip("SQLite can't change a column's type")
        word, null = (
            ("ALTER COLUMN address TYPE", "")
            if database_url.startswith("postgresql")
            else ("MODIFY address", " NOT NULL")
        )
        self.change(store, f"ALTER TABLE housekey_sessions {word} VARCHAR(20){null}")
        (difference,) = check(store).differences
        assert difference.startswith("housekey_sessions.address: the type is VARCHAR(length=20)")

    def test_leaves_the_hosts_own_tables_alone(self, store):
        self.change(store, "ALTER TABLE people ADD COLUMN shoe_size INTEGER")
        self.change(store, "CREATE TABLE shoes (id INTEGER PRIMARY KEY)")
        assert check(store).good

    def test_counts_users_who_have_no_account_yet(self, store):
        add_users(store, {"email": "ann@example.org"}, {"email": "bob@example.org"})
        self.change(store, "DELETE FROM housekey_accounts")
        assert (check(store).unadopted, check(store).good) == (2, False)

    def test_tells_a_database_without_any_table_of_ours(self, sqlite_url):
        store = make_store(sqlite_url)
        state = check(store)
        assert (state.version, state.good) == (None, False)
        assert "housekey_sessions: the table is missing" in state.differences
        assert all(difference.endswith("the table is missing") for difference in state.differences)


CONVENTION = {
    "pk": "host_pk_%(table_name)s",
    "fk": "host_%(constraint_name)s",
    "uq": "host_%(constraint_name)s",
    "ix": "host_%(column_0_label)s",
}


def test_a_hosts_naming_convention_doesnt_rename_our_constraints(database_url):
    usual = make_store(database_url)
    create_tables(usual)
    made = as_made(usual.engine)
    drop_all(usual)
    store = make_store(database_url, make_user(metadata=sa.MetaData(naming_convention=CONVENTION)))
    create_tables(store)
    assert as_made(store.engine) == made
    assert check(store).good


def test_tables_can_stand_in_a_schema_of_their_own(databases):
    with databases["postgresql"].fresh() as url:
        store = make_store(url, make_user(metadata=sa.MetaData(schema="auth")))
        with store.engine.begin() as connection:
            connection.exec_driver_sql("CREATE SCHEMA auth")
        only_the_hosts_table(store)
        upgrade(store)
        assert check(store).good
        assert add_users(store, {"email": "ann@example.org"}) == [1]
        assert sa.inspect(store.engine).get_table_names(schema="public") == []
        store.engine.dispose()
