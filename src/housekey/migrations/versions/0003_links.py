"""Single-use links and their codes."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type, key_type

revision = "0003"
down_revision = "0002"

INDEXES = {
    "recipient": ["recipient", "purpose"],
    "user_id": ["user_id"],
    "asker": ["asker"],
    "expires_at": ["expires_at"],
}


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_links",
        sa.Column("id", key_type(22), nullable=False),
        sa.Column("token", digest_type(), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("recipient", digest_type(), nullable=False),
        user_id(schema, nullable=True),
        sa.Column("security_version", sa.Integer),
        sa.Column("email", key_type(254)),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("asker", digest_type()),
        sa.Column("code", digest_type()),
        sa.Column("code_expires_at", UtcDateTime),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("spent_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_housekey_links"),
        user_key(schema, "fk_housekey_links_user_id"),
        sa.UniqueConstraint("token", name="uq_housekey_links_token"),
    )
    for suffix, columns in INDEXES.items():
        create_index(schema, f"ix_housekey_links_{suffix}", "housekey_links", columns)
