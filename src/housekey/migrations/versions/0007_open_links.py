"""Links by their purpose, the latest first: open invitations are listed so."""

from __future__ import annotations

from housekey.migrations.steps import create_index
from housekey.store.schema import Schema

revision = "0007"
down_revision = "0006"


def upgrade(schema: Schema) -> None:
    create_index(schema, "ix_housekey_links_purpose", "housekey_links", ["purpose", "created_at", "id"])
