"""What migrations are made of. Steps that were done already are skipped: MariaDB can't undo a half-done migration."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from housekey.store.schema import Schema


def user_id(schema: Schema, *, nullable: bool = False) -> sa.Column[Any]:
    """The column that refers to the host's `User`, of its key's type."""
    return sa.Column("user_id", schema.key.type, nullable=nullable, autoincrement=False)


def user_key(schema: Schema, name: str) -> sa.ForeignKeyConstraint:
    """The foreign key of that column. It never cascades; `store.schema` says why."""
    return sa.ForeignKeyConstraint(["user_id"], [f"{schema.key.table.fullname}.{schema.key.name}"], name=name)


def create_table(schema: Schema, table: str, *parts: Any) -> None:
    """`op.create_table`, beside the host's own tables."""
    if not _inspector().has_table(table, schema=schema.metadata.schema):
        op.create_table(table, *parts, schema=schema.metadata.schema)


def add_column(schema: Schema, table: str, column: sa.Column[Any]) -> None:
    """`op.add_column` to one of our tables."""
    have = _inspector().get_columns(table, schema=schema.metadata.schema)
    if column.name not in {known["name"] for known in have}:
        op.add_column(table, column, schema=schema.metadata.schema)


def create_index(schema: Schema, name: str, table: str, columns: list[str]) -> None:
    """`op.create_index` on one of our tables."""
    have = _inspector().get_indexes(table, schema=schema.metadata.schema)
    if name not in {index["name"] for index in have}:
        op.create_index(name, table, columns, schema=schema.metadata.schema)


def _inspector() -> sa.Inspector:
    """A new one each time: it remembers what it has seen."""
    return sa.inspect(op.get_bind())
