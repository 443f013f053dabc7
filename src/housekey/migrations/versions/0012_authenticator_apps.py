"""Authenticator apps, the first second factors."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, key_type

revision = "0012"
down_revision = "0011"
TABLE = "housekey_authenticator_apps"


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        TABLE,
        sa.Column("id", key_type(22), nullable=False),
        user_id(schema),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("seed", sa.LargeBinary, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("confirmed_at", UtcDateTime),
        sa.Column("last_used_at", UtcDateTime),
        sa.PrimaryKeyConstraint("id", name="pk_housekey_authenticator_apps"),
        user_key(schema, "fk_housekey_authenticator_apps_user_id"),
    )
    for column in ("user_id", "created_at"):
        create_index(schema, f"ix_housekey_authenticator_apps_{column}", TABLE, [column])
