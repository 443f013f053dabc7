"""Browsers that go without the second step for a while."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type, key_type

revision = "0020"
down_revision = "0019"
TABLE = "housekey_trusted_devices"


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        TABLE,
        sa.Column("token", digest_type(), nullable=False),
        user_id(schema),
        sa.Column("id", key_type(22), nullable=False),
        sa.Column("security_version", sa.Integer, nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("user_agent", sa.String(400), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_used_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_housekey_trusted_devices"),
        user_key(schema, "fk_housekey_trusted_devices_user_id"),
    )
    for column in ("user_id", "expires_at"):
        create_index(schema, f"ix_housekey_trusted_devices_{column}", TABLE, [column])
