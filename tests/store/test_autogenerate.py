"""A host's own Alembic leaves our tables alone, also where the host has no Flask-Migrate."""

import logging

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata, produce_migrations
from alembic.migration import MigrationContext

from housekey.store.creation import create_tables
from store.models import make_store, make_user


@pytest.fixture
def user():
    user = make_user()
    sa.Table("posts", user.metadata, sa.Column("id", sa.Integer, primary_key=True))
    return user


def found_by_the_host(store, **options):
    """What the host's `alembic revision --autogenerate` would write."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, **options})
        return [(step[0], step[1].name) for step in compare_metadata(context, store.schema.metadata)]


def test_a_host_doesnt_create_our_tables(database_url, user, caplog):
    store = make_store(database_url, user)
    with caplog.at_level(logging.INFO, "alembic"):
        assert sorted(found_by_the_host(store)) == [("add_table", "people"), ("add_table", "posts")]
    assert "flask housekey db upgrade" in caplog.text


def test_a_host_finds_nothing_to_do_beside_our_tables(database_url, user, caplog):
    store = make_store(database_url, user)
    create_tables(store)
    with caplog.at_level(logging.INFO, "alembic"):
        assert found_by_the_host(store) == []
    assert "housekey" not in caplog.text


def test_a_host_doesnt_change_what_differs_in_our_tables(database_url, user):
    store = make_store(database_url, user)
    create_tables(store)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE housekey_accounts ADD COLUMN shoe_size INTEGER")
    assert found_by_the_host(store) == []


def test_a_host_doesnt_drop_our_tables_while_its_models_are_not_loaded(database_url, user):
    store = make_store(database_url, user)
    create_tables(store)
    with store.engine.connect() as connection:
        dropped = compare_metadata(MigrationContext.configure(connection), sa.MetaData())
    assert [step[1].name for step in dropped if step[0] == "remove_table"] in (["posts", "people"], ["people", "posts"])


def test_a_hosts_own_filter_goes_on_working(database_url, user):
    store = make_store(database_url, user)
    without_posts = {"include_object": lambda thing, name, kind, reflected, other: name != "posts"}
    assert found_by_the_host(store, **without_posts) == [("add_table", "people")]


def test_the_way_back_leaves_our_tables_alone_too(database_url, user):
    store = make_store(database_url, user)
    with store.engine.connect() as connection:
        script = produce_migrations(MigrationContext.configure(connection), store.schema.metadata)
    assert sorted(step.table_name for step in script.downgrade_ops.ops) == ["people", "posts"]
