"""Counts of failures and moving windows of requests.

Both are found by an HMAC of what they count: an identifier that nobody bears may be a password typed into the
wrong field, and must not lie in the database as text.
"""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type

KEPT_FOR = timedelta(days=7)
"""Longer than the longest lock may be set in earnest."""


def define(schema: Schema) -> None:
    schema.table(
        "counters",
        sa.Column("key", digest_type(), primary_key=True),
        schema.user_column("counters", nullable=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("in_row", sa.Integer, nullable=False),
        sa.Column("locked_until", UtcDateTime),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        indexes={"user_id": ("user_id",), "updated_at": ("updated_at",)},
        # Those of a user say until when an account is closed; the others are of names that nobody bears.
        expired=lambda t, moment: t.c.user_id.is_(None) & (t.c.updated_at < moment - KEPT_FOR),
    )
    schema.table(
        "windows",
        sa.Column("key", digest_type(), primary_key=True),
        sa.Column("entries", sa.JSON, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        indexes={"expires_at": ("expires_at",)},
        expired=lambda t, moment: t.c.expires_at < moment,
    )
