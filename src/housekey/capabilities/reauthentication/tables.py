"""Forms that wait until their sender has proved who they are."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from housekey.store.personal import OfUser
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, key_type

WAITS_FOR = timedelta(minutes=30)
"""Twice as long as a proof stays fresh: long enough to find one's phone."""


def define(schema: Schema) -> None:
    """`form` is sealed to its row, and belongs to one session."""
    schema.table(
        "kept_forms",
        sa.Column("id", key_type(22), primary_key=True),
        schema.user_column("kept_forms"),
        sa.Column("session_id", key_type(22), nullable=False),
        sa.Column("form", sa.LargeBinary, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        indexes={"user_id": ("user_id",), "session_id": ("session_id",), "created_at": ("created_at",)},
        expired=lambda table, moment: table.c.created_at < moment - WAITS_FOR,
        about=OfUser(exported=("created_at",), withheld=("id", "session_id", "form")),
        sealed=("form",),
    )
