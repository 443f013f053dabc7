"""What is kept of second factors, whatever kind they are of."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from housekey.store.personal import OfUser
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type, key_type

REMOVED_KEPT_FOR = timedelta(days=7)


def define(schema: Schema) -> None:
    """`factor_additions`: the `security_version` since which a person has a factor, so that an owner who gets an
    account back gets rid of what came later. `removed_factors`: what one was that was there from the version `since` to
    `last_version`, so that it can come back. `factor_resets`: those that wait; `actor` is the key of a user.

    `trusted_devices`: browsers that go without the second step; `token` is the digest of what one holds,
    `security_version` the one under which it was trusted, so that each change ends it."""
    schema.table(
        "factor_additions",
        schema.user_column("factor_additions", primary_key=True),
        sa.Column("factor_id", key_type(64), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        about=OfUser(withheld=("factor_id", "version")),
    )
    schema.table(
        "removed_factors",
        sa.Column("id", key_type(22), primary_key=True),
        schema.user_column("removed_factors"),
        sa.Column("method", sa.String(32), nullable=False),
        sa.Column("factor_id", key_type(64), nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("last_version", sa.Integer, nullable=False),
        sa.Column("kept", sa.LargeBinary, nullable=False),
        sa.Column("removed_at", UtcDateTime, nullable=False),
        indexes={"user_id": ("user_id",), "removed_at": ("removed_at",)},
        expired=lambda t, moment: t.c.removed_at < moment - REMOVED_KEPT_FOR,
        about=OfUser(exported=("method", "removed_at"), withheld=("id", "factor_id", "since", "last_version", "kept")),
        sealed=("kept",),
    )
    schema.table(
        "factor_resets",
        schema.user_column("factor_resets", primary_key=True),
        sa.Column("asked_by", sa.String(16), nullable=False),
        sa.Column("actor", key_type()),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        indexes={"due_at": ("due_at",)},
        about=OfUser(exported=("asked_at", "due_at"), withheld=("asked_by", "actor")),
        grants=True,
    )
    schema.table(
        "trusted_devices",
        sa.Column("token", digest_type(), primary_key=True),
        schema.user_column("trusted_devices"),
        sa.Column("id", key_type(22), nullable=False),
        sa.Column("security_version", sa.Integer, nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("user_agent", sa.String(400), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_used_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        indexes={"user_id": ("user_id",), "expires_at": ("expires_at",)},
        expired=lambda t, moment: t.c.expires_at < moment,
        about=OfUser(
            exported=("address", "user_agent", "created_at", "last_used_at", "expires_at"),
            withheld=("token", "id", "security_version"),
        ),
        grants=True,
    )
