"""Sessions whose AAL2 ended while they rested."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import add_column
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime

revision = "0015"
down_revision = "0014"


def upgrade(schema: Schema) -> None:
    add_column(schema, "housekey_sessions", sa.Column("aal2_ended_at", UtcDateTime))
