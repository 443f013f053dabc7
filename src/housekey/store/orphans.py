"""Rows of users who are gone.

Where the database doesn't hold foreign keys (SQLite without `foreign_keys=ON`), a DELETE that passes the ORM by leaves
what a user had here; and SQLite gives the number to the next user, who would inherit the password, roles and sessions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from housekey.store.schema import Schema

if TYPE_CHECKING:
    from housekey.house import House


def count(connection: sa.Connection, schema: Schema) -> dict[str, int]:
    """How many there are, by the name of their table; only tables that have some."""
    found = {}
    for table in schema.owned:
        number = connection.scalar(sa.select(sa.func.count()).select_from(table).where(_is_orphan(schema, table)))
        if number:
            found[table.name] = int(number)
    return found


def sweep(house: House) -> int:
    """Delete them all, those that refer to others of ours first; says how many."""
    schema = house.store.schema
    with house.read() as connection:
        names = count(connection, schema)
    if not names:
        return 0

    def verb(unit: Any) -> int:
        tables = [table for table in schema.owned if table.name in names]
        return sum(unit.execute(sa.delete(table).where(_is_orphan(schema, table))).rowcount for table in tables)

    return house.run(verb)


def _is_orphan(schema: Schema, table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.user_id.is_not(None) & ~sa.exists().where(schema.key == table.c.user_id)
