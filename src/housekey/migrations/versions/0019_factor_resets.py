"""Resets of second factors that wait."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, key_type

revision = "0019"
down_revision = "0018"


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_factor_resets",
        user_id(schema),
        sa.Column("asked_by", sa.String(16), nullable=False),
        sa.Column("actor", key_type()),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_housekey_factor_resets"),
        user_key(schema, "fk_housekey_factor_resets_user_id"),
    )
    create_index(schema, "ix_housekey_factor_resets_due_at", "housekey_factor_resets", ["due_at"])
