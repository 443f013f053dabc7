"""`housekey_passwords`: never a column of `User`, so that no user object can leak a hash (flaw 19)."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime


def define(schema: Schema) -> None:
    schema.table(
        "passwords",
        schema.user_column("passwords", primary_key=True),
        sa.Column("hash", sa.String(255), nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
    )
