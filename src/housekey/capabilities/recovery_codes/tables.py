"""Recovery codes, as hashes (flaw 39)."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.store.personal import OfUser
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type


def define(schema: Schema) -> None:
    """`recovery_code_sets`: how the codes of a person's only set are hashed. A spent code stays until a new set comes:
    its owner sees how many are left."""
    schema.table(
        "recovery_code_sets",
        schema.user_column("recovery_code_sets", primary_key=True),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("memory", sa.Integer, nullable=False),
        sa.Column("passes", sa.Integer, nullable=False),
        sa.Column("lanes", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        about=OfUser(exported=("created_at",), withheld=("salt", "memory", "passes", "lanes")),
    )
    schema.table(
        "recovery_codes",
        schema.user_column("recovery_codes", primary_key=True),
        sa.Column("digest", digest_type(), primary_key=True),
        sa.Column("spent_at", UtcDateTime),
        about=OfUser(exported=("spent_at",), withheld=("digest",)),
    )
