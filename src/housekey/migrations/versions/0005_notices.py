"""Accounts that their owners have frozen, and the passwords by which they get them back."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import add_column, create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime

revision = "0005"
down_revision = "0004"


def upgrade(schema: Schema) -> None:
    add_column(schema, "housekey_accounts", sa.Column("frozen_at", UtcDateTime))
    create_table(
        schema,
        "housekey_former_passwords",
        user_id(schema),
        sa.Column("last_version", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("hash", sa.String(255)),
        sa.Column("replaced_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "last_version", name="pk_housekey_former_passwords"),
        user_key(schema, "fk_housekey_former_passwords_user_id"),
    )
    create_index(schema, "ix_housekey_former_passwords_replaced_at", "housekey_former_passwords", ["replaced_at"])
