"""Flask-Login's cookies that were used once."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_table
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type

revision = "0006"
down_revision = "0005"


def upgrade(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_spent_cookies",
        sa.Column("digest", digest_type(), nullable=False),
        sa.Column("spent_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_housekey_spent_cookies"),
    )
