"""What is kept of second factors, whatever kind they are of."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.store.personal import OfUser
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type, key_type


def define(schema: Schema) -> None:
    """`factor_additions`: the `security_version` since which a person has a factor, so that an owner who gets an
    account back gets rid of what came later. `factor_resets`: those that wait; `actor` is the key of a user.

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
