"""The audit log."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_index, create_table
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type, key_type

revision = "0004"
down_revision = "0003"

INDEXES = {"at": ["at"], "event": ["event", "at"], "subject": ["subject", "at"], "actor": ["actor", "at"]}


def upgrade(schema: Schema) -> None:
    _segments(schema)
    _entries(schema)


def _segments(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_audit_segments",
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("head", digest_type(), nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("swept_at", UtcDateTime),
        sa.Column("seal", digest_type(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_housekey_audit_segments"),
    )
    create_index(schema, "ix_housekey_audit_segments_last_at", "housekey_audit_segments", ["last_at"])


def _entries(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_audit_entries",
        sa.Column("segment", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("event", key_type(80), nullable=False),
        sa.Column("owasp", key_type(64)),
        sa.Column("outcome", key_type(16), nullable=False),
        sa.Column("reason", key_type(64)),
        sa.Column("actor_kind", key_type(16), nullable=False),
        sa.Column("actor", key_type(254)),
        sa.Column("subject", key_type(254)),
        sa.Column("session", key_type(22)),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("address", key_type(45)),
        sa.Column("personal", sa.Text),
        sa.Column("salt", digest_type()),
        sa.Column("personal_hash", digest_type(), nullable=False),
        sa.Column("mac", digest_type(), nullable=False),
        sa.PrimaryKeyConstraint("segment", "position", name="pk_housekey_audit_entries"),
    )
    for suffix, columns in INDEXES.items():
        create_index(schema, f"ix_housekey_audit_entries_{suffix}", "housekey_audit_entries", columns)
