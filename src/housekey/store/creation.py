"""Making the tables at start-up: in a new database all at once, in an older one by its migrations."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations import LATEST
from housekey.store import Store, versions
from housekey.store.adoption import adopt_users
from housekey.store.locking import alone


def create_tables(store: Store) -> None:
    """Make what is missing, ours and the host's beside it; upgrade an older schema, and take on the users that it has.

    Several workers may do it at the same moment. Raises `ConfigurationError` for a database that is newer than this
    release.
    """
    with alone(store.engine) as connection:
        changed = _brought_up(connection, store)
    if changed:
        adopt_users(store)


def _brought_up(connection: sa.Connection, store: Store) -> bool:
    """Whether there was anything to do."""
    before = versions.current(connection, store.schema)
    if before != LATEST and versions.is_kept(connection, store.schema):
        from housekey.store.upgrading import migrate

        migrate(connection, store.schema)
    store.schema.metadata.create_all(connection, tables=_missing(connection, store.schema.metadata))
    return before != LATEST


def _missing(connection: sa.Connection, metadata: sa.MetaData) -> list[sa.Table]:
    """The tables that no list of names has: a question for each schema, not for each table. What is no table there (a
    view that the host maps) is asked for by `create_all` itself."""
    found = {
        name: set(sa.inspect(connection).get_table_names(name)) for name in {t.schema for t in metadata.tables.values()}
    }
    return [table for table in metadata.tables.values() if table.name not in found[table.schema]]
