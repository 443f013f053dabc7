"""`housekey_former_addresses`: what an account's addresses were up to a change."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from housekey.store.personal import OfUser
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime

FORMER_KEPT_FOR = timedelta(days=7)
"""As long as an undo by mail lasts, unless a setting says otherwise."""


def define(schema: Schema) -> None:
    """`last_version`: the last `security_version` under which the account bore these `addresses`, all of them."""
    schema.table(
        "former_addresses",
        schema.user_column("former_addresses", primary_key=True),
        sa.Column("last_version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("addresses", sa.JSON, nullable=False),
        sa.Column("replaced_at", UtcDateTime, nullable=False),
        indexes={"replaced_at": ("replaced_at",)},
        expired=lambda t, moment: t.c.replaced_at < moment - FORMER_KEPT_FOR,
        about=OfUser(exported=("addresses", "replaced_at"), withheld=("last_version",)),
    )
