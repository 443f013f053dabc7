"""`housekey_passwords`: never a column of `User`, so that no user object can leak a hash (flaw 19)."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from housekey.store.personal import OfUser
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime

FORMER_KEPT_FOR = timedelta(days=7)
"""As long as an undo by mail lasts, unless a setting says otherwise."""


def define(schema: Schema) -> None:
    """`former_passwords`: what a password was up to a change, so that the owner can undo a takeover with it;
    `last_version`: the last `security_version` under which it was valid. NULL: there was none, or it proves nothing.
    `short`: true for a password that was accepted only because there was a second factor; a hash doesn't show it."""
    schema.table(
        "passwords",
        schema.user_column("passwords", primary_key=True),
        sa.Column("hash", sa.String(255), nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("short", sa.Boolean(create_constraint=False)),
        about=OfUser(exported=("changed_at", "short"), withheld=("hash",)),
    )
    schema.table(
        "former_passwords",
        schema.user_column("former_passwords", primary_key=True),
        sa.Column("last_version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String(255)),
        sa.Column("replaced_at", UtcDateTime, nullable=False),
        indexes={"replaced_at": ("replaced_at",)},
        expired=lambda t, moment: t.c.replaced_at < moment - FORMER_KEPT_FOR,
        about=OfUser(exported=("replaced_at",), withheld=("hash", "last_version")),
    )
