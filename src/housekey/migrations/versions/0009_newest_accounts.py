"""Accounts by when they were made: administrators read the list of users in this order, page by page."""

from __future__ import annotations

from housekey.migrations.steps import create_index
from housekey.store.schema import Schema

revision = "0009"
down_revision = "0008"


def upgrade(schema: Schema) -> None:
    create_index(schema, "ix_housekey_accounts_created_at", "housekey_accounts", ["created_at", "user_id"])
