"""Authenticator apps, and the seeds that they share with the site."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from housekey.capabilities.factors.inputs import NAME_LENGTH
from housekey.store.personal import OfUser
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, key_type

WAITS_FOR = timedelta(hours=1)
"""How long a new app may wait for its first code."""


def define(schema: Schema) -> None:
    """`seed` is sealed to its row. `last_step`: the latest time step whose code was used; only later ones work.
    `confirmed_at` NULL: nobody has shown yet that the app works, so it counts for nothing."""
    schema.table(
        "authenticator_apps",
        sa.Column("id", key_type(22), primary_key=True),
        schema.user_column("authenticator_apps"),
        sa.Column("name", sa.String(NAME_LENGTH), nullable=False),
        sa.Column("seed", sa.LargeBinary, nullable=False),
        sa.Column("last_step", sa.BigInteger, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("confirmed_at", UtcDateTime),
        sa.Column("last_used_at", UtcDateTime),
        indexes={"user_id": ("user_id",), "created_at": ("created_at",)},
        expired=_never_confirmed,
        about=OfUser(
            exported=("name", "created_at", "confirmed_at", "last_used_at"), withheld=("id", "seed", "last_step")
        ),
        sealed=("seed",),
    )


def _never_confirmed(table: sa.Table, moment: datetime) -> sa.ColumnElement[bool]:
    return table.c.confirmed_at.is_(None) & (table.c.created_at < moment - WAITS_FOR)
