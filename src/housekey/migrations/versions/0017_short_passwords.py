"""Passwords that are long enough only beside a second factor."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import add_column
from housekey.store.schema import Schema

revision = "0017"
down_revision = "0016"


def upgrade(schema: Schema) -> None:
    add_column(schema, "housekey_passwords", sa.Column("short", sa.Boolean(create_constraint=False)))
