"""The outbox: mails are written in the transaction that causes them, and sent afterwards."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from housekey.migrations.steps import create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, key_type

revision = "0002"
down_revision = "0001"


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_outbox",
        sa.Column("id", key_type(22), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        user_id(schema, nullable=True),
        sa.Column("recipient", sa.String(2000), nullable=False),
        sa.Column("reference", sa.String(255), nullable=False),
        sa.Column("body", sa.LargeBinary(2**24 - 1).with_variant(mysql.MEDIUMBLOB(), "mysql", "mariadb")),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try_at", UtcDateTime, nullable=False),
        sa.Column("give_up_at", UtcDateTime, nullable=False),
        sa.Column("last_error", sa.String(300)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_housekey_outbox"),
        user_key(schema, "fk_housekey_outbox_user_id"),
    )
    create_index(schema, "ix_housekey_outbox_due", "housekey_outbox", ["state", "next_try_at"])
    for column in ("user_id", "created_at", "expires_at"):
        create_index(schema, f"ix_housekey_outbox_{column}", "housekey_outbox", [column])
