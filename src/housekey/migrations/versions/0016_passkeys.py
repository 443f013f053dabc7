"""Passkeys, the names under which authenticators keep their owners, and the challenges that were used."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type, key_type

revision = "0016"
down_revision = "0015"


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_passkeys",
        sa.Column("id", key_type(22), nullable=False),
        user_id(schema),
        sa.Column("digest", digest_type(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("transports", sa.JSON, nullable=False),
        sa.Column("aaguid", sa.String(36), nullable=False),
        sa.Column("backup_eligible", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("synced", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("verifies", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_used_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_housekey_passkeys"),
        sa.UniqueConstraint("digest", name="uq_housekey_passkeys_digest"),
        user_key(schema, "fk_housekey_passkeys_user_id"),
    )
    create_index(schema, "ix_housekey_passkeys_user_id", "housekey_passkeys", ["user_id"])
    create_table(
        schema,
        "housekey_passkey_handles",
        user_id(schema),
        sa.Column("handle", key_type(86), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_housekey_passkey_handles"),
        user_key(schema, "fk_housekey_passkey_handles_user_id"),
    )
    create_table(
        schema,
        "housekey_spent_challenges",
        sa.Column("digest", digest_type(), nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_housekey_spent_challenges"),
    )
    create_index(schema, "ix_housekey_spent_challenges_expires_at", "housekey_spent_challenges", ["expires_at"])
