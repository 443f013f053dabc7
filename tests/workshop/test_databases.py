"""The rig keeps its promises about databases."""

import pytest
import sqlalchemy as sa

from rig.databases import KINDS

metadata = sa.MetaData()
owners = sa.Table(
    "owners",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(50), unique=True),
)
posts = sa.Table(
    "posts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("owner", sa.ForeignKey("owners.id"), nullable=False),
)


def create_tables(url):
    engine = sa.create_engine(url)
    metadata.create_all(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        connection.execute(owners.insert(), {"name": "the template's"})


@pytest.fixture
def schema():
    return create_tables


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_each_test_finds_only_what_the_schema_put_there(database_url, turn):
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        assert connection.execute(sa.select(owners.c.name)).scalars().all() == ["the template's"]
        connection.execute(owners.insert(), {"name": "Ann"})
        assert connection.execute(sa.select(owners.c.id).where(owners.c.name == "Ann")).scalar_one() == 2


def test_a_copy_keeps_keys_and_foreign_keys(database_url):
    inspector = sa.inspect(sa.create_engine(database_url))
    assert [key["referred_table"] for key in inspector.get_foreign_keys("posts")] == ["owners"]
    assert inspector.get_unique_constraints("owners")


def test_the_quick_database_is_sqlite(sqlite_url):
    assert sqlite_url.startswith("sqlite:")
    with sa.create_engine(sqlite_url).connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(owners)).scalar_one() == 1


@pytest.mark.parametrize("database_url", ["postgresql", "mariadb"], indirect=True)
def test_a_test_may_name_its_databases(database_url):
    assert not database_url.startswith("sqlite")


@pytest.mark.parametrize("kind", KINDS)
def test_a_database_ends_with_its_block_even_when_someone_is_still_connected(databases, kind):
    with databases[kind].fresh() as url:
        create_tables(url)
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            connection.execute(sa.select(owners))
    gone = sa.create_engine(url)
    with pytest.raises(sa.exc.DatabaseError), gone.connect() as connection:
        connection.execute(sa.select(owners))


def test_what_a_test_has_done_to_the_tables_is_not_there_for_the_next_one(databases):
    for _turn in range(2):
        with databases["mariadb"].fresh(create_tables) as url, sa.create_engine(url).begin() as connection:
            assert [column["name"] for column in sa.inspect(connection).get_columns("owners")] == ["id", "name"]
            connection.exec_driver_sql("ALTER TABLE owners ADD COLUMN age INT")
