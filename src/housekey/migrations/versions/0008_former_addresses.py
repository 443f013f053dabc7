"""What the addresses of accounts were before a change, so that the owner can undo a takeover."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime

revision = "0008"
down_revision = "0007"


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_former_addresses",
        user_id(schema),
        sa.Column("last_version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("addresses", sa.JSON, nullable=False),
        sa.Column("replaced_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "last_version", name="pk_housekey_former_addresses"),
        user_key(schema, "fk_housekey_former_addresses_user_id"),
    )
    create_index(schema, "ix_housekey_former_addresses_replaced_at", "housekey_former_addresses", ["replaced_at"])
