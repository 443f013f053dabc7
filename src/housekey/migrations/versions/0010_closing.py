"""Accounts that are to be erased, unless they are kept."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import add_column, create_index
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime

revision = "0010"
down_revision = "0009"


def upgrade(schema: Schema) -> None:
    add_column(schema, "housekey_accounts", sa.Column("closing_at", UtcDateTime))
    add_column(schema, "housekey_accounts", sa.Column("erasing_failed_at", UtcDateTime))
    create_index(schema, "ix_housekey_accounts_closing_at", "housekey_accounts", ["closing_at"])
