"""Bringing the `housekey_*` tables of a database to the newest revision, and telling how they differ from it.

Alembic is imported here alone, and only when there is something to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

import housekey.migrations
from housekey.errors import ConfigurationError
from housekey.store import Store, versions
from housekey.store.adoption import Adopted, adopt_users, count_unadopted
from housekey.store.batches import Progress
from housekey.store.differences import differences
from housekey.store.locking import alone
from housekey.store.schema import Schema

if TYPE_CHECKING:
    from alembic.config import Config


@dataclass(frozen=True)
class Upgraded:
    """What `upgrade` has done. `before` is None for tables that were not there."""

    before: str | None
    after: str
    adopted: Adopted


def upgrade(store: Store, progress: Progress | None = None) -> Upgraded:
    """Bring the tables to the newest revision and take on the users that the host has already.

    Can be run again at any time, also after it was interrupted. Raises `ConfigurationError` if the table of users
    is missing or the database is newer than this release.
    """
    with alone(store.engine) as connection:
        before = migrate(connection, store.schema)
    return Upgraded(before, housekey.migrations.LATEST, adopt_users(store, progress))


def migrate(connection: sa.Connection, schema: Schema) -> str | None:
    """The part of `upgrade` that is about tables, in a transaction of the caller; answers the former revision."""
    before = versions.current(connection, schema)
    versions.refuse_newer(before)
    if before != housekey.migrations.LATEST:
        _refuse_unready_users(connection, schema)
        versions.make_table(connection, schema)
        _run(connection, schema)
    return before


def _refuse_unready_users(connection: sa.Connection, schema: Schema) -> None:
    users = schema.mapper.local_table
    assert isinstance(users, sa.Table)
    inspector, own = sa.inspect(connection), "Run your own migrations first (flask db upgrade), or db.create_all()."
    if not inspector.has_table(users.name, schema=users.schema):
        raise ConfigurationError(
            f"The table {users.fullname!r} of your {schema.user.__name__} is not there yet, and Housekey's tables "
            f"refer to it. {own}"
        )
    have = {column["name"] for column in inspector.get_columns(users.name, schema=users.schema)}
    if lacking := [column.name for column in users.columns if column.name not in have]:
        raise ConfigurationError(
            f"The table {users.fullname!r} lacks columns of your {schema.user.__name__}: {', '.join(lacking)}. {own}"
        )


def _run(connection: sa.Connection, schema: Schema) -> None:
    from alembic import command

    config = alembic_config()
    config.attributes.update(connection=connection, schema=schema)
    command.upgrade(config, "head")


def alembic_config() -> Config:
    """Where Alembic finds our migrations."""
    from alembic.config import Config

    config = Config()
    folder = str(Path(housekey.migrations.__file__).parent)
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


@dataclass(frozen=True)
class State:
    """The tables of a database beside what they should be. `differences` are sentences."""

    version: str | None
    latest: str
    differences: list[str]
    unadopted: int
    """Users without an account row: made behind SQLAlchemy's back, or before Housekey came."""

    @property
    def good(self) -> bool:
        """Whether there is nothing to do."""
        return self.version == self.latest and not self.differences and not self.unadopted


def check(store: Store) -> State:
    """Compare the database with the tables as they are declared."""
    with store.read() as connection:
        version = versions.current(connection, store.schema)
        found = differences(connection, store.schema)
        unadopted = 0 if found else count_unadopted(connection, store.schema)
    return State(version, housekey.migrations.LATEST, found, unadopted)


def stamp(store: Store) -> None:
    """Note that the tables are at the newest revision, without changing them."""
    with alone(store.engine) as connection:
        versions.note(connection, store.schema, housekey.migrations.LATEST)


def current_version(store: Store) -> str | None:
    """The revision that the tables are at; None if there are none."""
    with store.read() as connection:
        return versions.current(connection, store.schema)
