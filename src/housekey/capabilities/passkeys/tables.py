"""Passkeys: public keys of authenticators, and what is known of them."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.capabilities.factors.inputs import NAME_LENGTH
from housekey.store.personal import OfNobody, OfUser
from housekey.store.schema import Schema, unique
from housekey.store.types import UtcDateTime, digest_type, key_type

HANDLE_LENGTH = 86
"""64 bytes in base64url, the longest that WebAuthn §5.4.3 allows."""


def define(schema: Schema) -> None:
    """passkeys, passkey_handles, spent_challenges."""
    _passkeys(schema)
    _handles(schema)
    _spent(schema)


def _passkeys(schema: Schema) -> None:
    """`digest` is of the credential's id, which is too long for an index on MariaDB. `synced`: it is on the person's
    other devices too (backup state); `verifies`: it has asked for a PIN, a finger or a face."""
    schema.table(
        "passkeys",
        sa.Column("id", key_type(22), primary_key=True),
        schema.user_column("passkeys"),
        sa.Column("digest", digest_type(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("transports", sa.JSON, nullable=False),
        sa.Column("aaguid", sa.String(36), nullable=False),
        sa.Column("backup_eligible", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("synced", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("verifies", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("name", sa.String(NAME_LENGTH), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_used_at", UtcDateTime),
        unique("passkeys", "digest"),
        indexes={"user_id": ("user_id",)},
        about=OfUser(
            exported=("name", "aaguid", "transports", "synced", "created_at", "last_used_at"),
            withheld=("id", "digest", "credential_id", "public_key", "sign_count", "backup_eligible", "verifies"),
        ),
    )


def _handles(schema: Schema) -> None:
    """Under which name an authenticator keeps its owner: random, since it can be read by whoever holds the key, and by
    nothing else connected to the account (WebAuthn §14.6.1)."""
    schema.table(
        "passkey_handles",
        schema.user_column("passkey_handles", primary_key=True),
        sa.Column("handle", key_type(HANDLE_LENGTH), nullable=False),
        about=OfUser(withheld=("handle",)),
    )


def _spent(schema: Schema) -> None:
    """Challenges that were answered rightly, until they would have expired anyway."""
    schema.table(
        "spent_challenges",
        sa.Column("digest", digest_type(), primary_key=True),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        indexes={"expires_at": ("expires_at",)},
        expired=lambda table, moment: table.c.expires_at < moment,
        about=OfNobody("the digest of random bytes"),
    )
