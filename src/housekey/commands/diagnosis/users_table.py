"""The host's own table of users: whether it has what the model says. If not, the first query fails with the database's
own words, which tell nobody that a mixin brought the column."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from housekey.commands.diagnosis.finding import FAIL, Finding
from housekey.store.schema import Schema

BROUGHT = frozenset(("email", "username", "name"))


def examine(connection: sa.Connection, schema: Schema) -> Iterator[Finding]:
    """A finding for each table of `User` that isn't there, or lacks a column."""
    inspector, user = sa.inspect(connection), schema.user.__name__
    for table in schema.mapper.tables:
        if not isinstance(table, sa.Table):
            continue
        try:
            there = {column["name"].casefold() for column in inspector.get_columns(table.name, schema=table.schema)}
        except sa.exc.NoSuchTableError:
            yield Finding(FAIL, "users", f"have no table “{table.name}”.", "Run your migrations, or db.create_all().")
            continue
        if lacking := [column.name for column in table.columns if column.name.casefold() not in there]:
            yield _lacking(user, table.name, lacking)


def _lacking(user: str, table: str, names: list[str]) -> Finding:
    about = f"can't be read: the table “{table}” lacks {', '.join(names)}, which {user} has."
    cure = "Add what is lacking by a migration of yours."
    if brought := BROUGHT.intersection(names):
        assigned = ", ".join(f"{name} = None" for name in sorted(brought))
        cure = f"{cure} UserMixin brings email, username and name; {assigned} in {user} leaves out what you don't keep."
    return Finding(FAIL, "users", about, cure)
