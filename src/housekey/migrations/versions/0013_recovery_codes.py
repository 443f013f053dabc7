"""Recovery codes."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type

revision = "0013"
down_revision = "0012"


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_recovery_code_sets",
        user_id(schema),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("memory", sa.Integer, nullable=False),
        sa.Column("passes", sa.Integer, nullable=False),
        sa.Column("lanes", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_housekey_recovery_code_sets"),
        user_key(schema, "fk_housekey_recovery_code_sets_user_id"),
    )
    create_table(
        schema,
        "housekey_recovery_codes",
        user_id(schema),
        sa.Column("digest", digest_type(), nullable=False),
        sa.Column("spent_at", UtcDateTime),
        sa.PrimaryKeyConstraint("user_id", "digest", name="pk_housekey_recovery_codes"),
        user_key(schema, "fk_housekey_recovery_codes_user_id"),
    )
