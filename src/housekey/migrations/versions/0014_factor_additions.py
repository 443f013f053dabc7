"""Since when a person has a second factor."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import key_type

revision = "0014"
down_revision = "0013"


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_factor_additions",
        user_id(schema),
        sa.Column("factor_id", key_type(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "factor_id", name="pk_housekey_factor_additions"),
        user_key(schema, "fk_housekey_factor_additions_user_id"),
    )
