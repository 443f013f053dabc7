"""Forms that wait until their sender has proved who they are."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, key_type

revision = "0018"
down_revision = "0017"


def upgrade(schema: Schema) -> None:
    table = "housekey_kept_forms"
    create_table(
        schema,
        table,
        sa.Column("id", key_type(22), nullable=False),
        user_id(schema),
        sa.Column("session_id", key_type(22), nullable=False),
        sa.Column("form", sa.LargeBinary, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_housekey_kept_forms"),
        user_key(schema, "fk_housekey_kept_forms_user_id"),
    )
    for column in ("user_id", "session_id", "created_at"):
        create_index(schema, f"ix_{table}_{column}", table, [column])
