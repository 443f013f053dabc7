"""From which countries people log in."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime

revision = "0011"
down_revision = "0010"


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_countries",
        user_id(schema),
        sa.Column("code", sa.String(2), nullable=False),
        sa.Column("first_seen_at", UtcDateTime, nullable=False),
        sa.Column("last_seen_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "code", name="pk_housekey_countries"),
        user_key(schema, "fk_housekey_countries_user_id"),
    )
    create_index(schema, "ix_housekey_countries_last_seen_at", "housekey_countries", ["last_seen_at"])
