"""What waits to be sent, and what became of it."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from housekey.store.personal import OfUser
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, key_type, on_mariadb

KEPT_FOR = timedelta(days=7)
"""How long a row says what became of it; one that could not be sent may be tried again so long."""
RECIPIENT_LENGTH = 2000
"""Of a mail at most 254, of a webhook a scheme and a host."""
PURPOSE_LENGTH = 40
BODY_BYTES = 2**24 - 1


@on_mariadb("MEDIUMBLOB")
class SealedBody(sa.LargeBinary):
    """A mail may be longer than the 64 kB of MariaDB's BLOB."""


def define(schema: Schema) -> None:
    """`next_try_at`: when it may be sent; of a row that is just being sent, when others may believe that its sender is
    gone. `tries` only rises, and so tells two senders of one row apart. `expires_at`: when the row may go.

    A user's rows go with the user: links of someone who is gone must not be mailed. What must still be sent then, such
    as the goodbye, is posted without `user_id`."""
    schema.table(
        "outbox",
        sa.Column("id", key_type(22), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("purpose", sa.String(PURPOSE_LENGTH), nullable=False),
        schema.user_column("outbox", nullable=True),
        sa.Column("recipient", sa.String(RECIPIENT_LENGTH), nullable=False),
        sa.Column("reference", sa.String(255), nullable=False),
        sa.Column("body", SealedBody(BODY_BYTES)),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try_at", UtcDateTime, nullable=False),
        sa.Column("give_up_at", UtcDateTime, nullable=False),
        sa.Column("last_error", sa.String(300)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        indexes={
            "due": ("state", "next_try_at"),
            "user_id": ("user_id",),
            "created_at": ("created_at",),
            "expires_at": ("expires_at",),
        },
        expired=lambda t, moment: t.c.expires_at < moment,
        about=OfUser(
            exported=("kind", "purpose", "recipient", "state", "created_at", "ended_at"),
            withheld=(
                "id",
                "reference",
                "body",
                "tries",
                "next_try_at",
                "give_up_at",
                "last_error",
                "expires_at",
            ),
            address="recipient",
        ),
        sealed=("body",),
    )
