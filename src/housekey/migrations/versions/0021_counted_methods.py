"""Which method a count of failures is about: a new password clears its own alone."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import add_column
from housekey.store.schema import Schema
from housekey.store.types import key_type

revision = "0021"
down_revision = "0020"


def upgrade(schema: Schema) -> None:
    add_column(schema, "housekey_counters", sa.Column("method", key_type(32)))
