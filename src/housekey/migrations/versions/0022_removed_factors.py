"""Removed factors, for whoever gets an account back."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, key_type

revision = "0022"
down_revision = "0021"
TABLE = "housekey_removed_factors"


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        TABLE,
        sa.Column("id", key_type(22), nullable=False),
        user_id(schema),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("factor_id", key_type(64), nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("last_version", sa.Integer, nullable=False),
        sa.Column("kept", sa.LargeBinary, nullable=False),
        sa.Column("removed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_housekey_removed_factors"),
        user_key(schema, "fk_housekey_removed_factors_user_id"),
    )
    for column in ("user_id", "removed_at"):
        create_index(schema, f"ix_housekey_removed_factors_{column}", TABLE, [column])
