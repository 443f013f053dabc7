"""`housekey_countries`: from where somebody has logged in so far."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from housekey.store.personal import OfUser
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime

KEPT_FOR = timedelta(days=400)
"""As long as a browser is known: after that a country counts as new again."""


def define(schema: Schema) -> None:
    schema.table(
        "countries",
        schema.user_column("countries", primary_key=True),
        sa.Column("code", sa.String(2), primary_key=True),
        sa.Column("first_seen_at", UtcDateTime, nullable=False),
        sa.Column("last_seen_at", UtcDateTime, nullable=False),
        indexes={"last_seen_at": ("last_seen_at",)},
        expired=lambda t, moment: t.c.last_seen_at < moment - KEPT_FOR,
        about=OfUser(exported=("code", "first_seen_at", "last_seen_at")),
    )
