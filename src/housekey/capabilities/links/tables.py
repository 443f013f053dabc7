"""One table for everything that a mail lets its reader do once."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from housekey.store.personal import OfUser
from housekey.store.schema import Schema, unique
from housekey.store.types import UtcDateTime, digest_type, key_type

KEPT_FOR = timedelta(days=1)
"""How long a link that is over stays, so that the pause between two mails is kept."""


def define(schema: Schema) -> None:
    """`recipient` is an HMAC of the address, so that addresses nobody bears here are not collected; `asker` is the
    digest of what the browser that asked holds; `code` is keyed, because 37 bits can be guessed from a stolen table."""
    schema.table(
        "links",
        sa.Column("id", key_type(22), primary_key=True),
        sa.Column("token", digest_type(), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("recipient", digest_type(), nullable=False),
        schema.user_column("links", nullable=True),
        sa.Column("security_version", sa.Integer),
        sa.Column("email", key_type()),
        sa.Column("details", sa.JSON, nullable=False),
        sa.Column("asker", digest_type()),
        sa.Column("code", digest_type()),
        sa.Column("code_expires_at", UtcDateTime),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("spent_at", UtcDateTime),
        unique("links", "token"),
        indexes={
            "recipient": ("recipient", "purpose"),
            "user_id": ("user_id",),
            "asker": ("asker",),
            "purpose": ("purpose", "created_at", "id"),
            "expires_at": ("expires_at",),
        },
        expired=lambda t, moment: (t.c.expires_at < moment - KEPT_FOR) | (t.c.spent_at < moment - KEPT_FOR),
        about=OfUser(
            exported=("purpose", "email", "created_at", "expires_at", "spent_at"),
            withheld=(
                "id",
                "token",
                "recipient",
                "security_version",
                "details",
                "asker",
                "code",
                "code_expires_at",
                "tries",
            ),
            address="email",
        ),
        grants=True,
    )
