"""Which migration the `housekey_*` tables are at. Needs no Alembic, so that every start-up can ask."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from housekey.errors import ConfigurationError
from housekey.migrations import LATEST
from housekey.store.personal import OfNobody
from housekey.store.schema import Schema

if TYPE_CHECKING:
    from housekey.store import Store

VERSION_TABLE = "version"
FORGOTTEN = "Housekey's tables %s: logins may fail until you have run `flask housekey db upgrade`."
log = logging.getLogger("housekey")


def define(schema: Schema) -> None:
    """`housekey_version` stands in the MetaData, so that no autogenerate drops it. Whoever makes it together with
    the other tables, as `db.create_all()` does, makes them as they are now."""
    column = sa.Column("version_num", sa.String(32), primary_key=True)
    table = schema.table(VERSION_TABLE, column, about=OfNobody("the revision of the tables"))
    sa.event.listen(table, "after_create", _note_latest)


def _note_latest(table: sa.Table, connection: sa.Connection, **about: Any) -> None:
    connection.execute(sa.insert(table).values(version_num=LATEST))


def is_kept(connection: sa.Connection, schema: Schema) -> bool:
    """Whether the database has the table, be it empty: then a migration was begun and not finished."""
    table = schema.tables[VERSION_TABLE]
    return sa.inspect(connection).has_table(table.name, schema=table.schema)


def current(connection: sa.Connection, schema: Schema) -> str | None:
    """The revision of the tables in the database; None if there are none, or nobody has noted it."""
    if not is_kept(connection, schema):
        return None
    noted: str | None = connection.scalar(sa.select(schema.tables[VERSION_TABLE].c.version_num))
    return noted


def warn_of_other_tables(store: Store) -> None:
    """For a host that makes the tables by command: tell in the log what was forgotten, before the first form fails. A
    database that doesn't answer is told by whatever needs it."""
    with suppress(sa.exc.SQLAlchemyError), store.engine.connect() as connection:
        noted = current(connection, store.schema)
        if noted is None or noted < LATEST:
            log.error(FORGOTTEN, "aren't there" if noted is None else "are of an earlier release")


def note(connection: sa.Connection, schema: Schema, revision: str) -> None:
    """Say which revision the tables are at, without changing them."""
    table = schema.tables[VERSION_TABLE]
    make_table(connection, schema)
    connection.execute(sa.delete(table))
    connection.execute(sa.insert(table).values(version_num=revision))


def make_table(connection: sa.Connection, schema: Schema) -> None:
    """The table alone, empty: no statement has made the others yet."""
    connection.execute(sa.schema.CreateTable(schema.tables[VERSION_TABLE], if_not_exists=True))


def refuse_newer(noted: str | None) -> None:
    """Raise for a database that a later release of Housekey has migrated: this one would write wrong rows."""
    if noted is not None and noted > LATEST:
        raise ConfigurationError(
            f"The database is at revision {noted} of Housekey's tables; this release knows them up to {LATEST}. "
            "Install the release that migrated it, or a later one."
        )
