"""The tables of the first release."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.migrations.steps import create_index, create_table, user_id, user_key
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type, key_type

revision = "0001"
down_revision = None


def upgrade(schema: Schema) -> None:
    for part in (_accounts, _identifiers, _sessions, _devices, _attempts, _passwords, _roles, _counters, _windows):
        part(schema)


def _accounts(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_accounts",
        user_id(schema),
        sa.Column("security_version", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("disabled_at", UtcDateTime),
        sa.Column("last_login_at", UtcDateTime),
        sa.Column("language", sa.String(35)),
        sa.Column("time_zone", sa.String(64)),
        sa.PrimaryKeyConstraint("user_id", name="pk_housekey_accounts"),
        user_key(schema, "fk_housekey_accounts_user_id"),
    )


def _identifiers(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_identifiers",
        sa.Column("key", key_type(254), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        user_id(schema),
        sa.Column("skeleton", key_type(254)),
        sa.Column("verified_at", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_housekey_identifiers"),
        user_key(schema, "fk_housekey_identifiers_user_id"),
        sa.UniqueConstraint("skeleton", name="uq_housekey_identifiers_skeleton"),
    )
    create_index(schema, "ix_housekey_identifiers_user_id", "housekey_identifiers", ["user_id"])


def _sessions(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_sessions",
        sa.Column("id", key_type(22), nullable=False),
        sa.Column("token", digest_type(), nullable=False),
        user_id(schema),
        sa.Column("security_version", sa.Integer, nullable=False),
        sa.Column("proofs", sa.JSON, nullable=False),
        sa.Column("auth_time", UtcDateTime, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_seen_at", UtcDateTime, nullable=False),
        sa.Column("idle_seconds", sa.Integer, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("remember", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("user_agent", sa.String(400), nullable=False),
        sa.Column("boot", sa.String(64), nullable=False),
        sa.Column("ended_at", UtcDateTime),
        sa.Column("ended_why", sa.String(32)),
        sa.PrimaryKeyConstraint("id", name="pk_housekey_sessions"),
        user_key(schema, "fk_housekey_sessions_user_id"),
        sa.UniqueConstraint("token", name="uq_housekey_sessions_token"),
    )
    create_index(schema, "ix_housekey_sessions_user_id", "housekey_sessions", ["user_id", "ended_at"])
    create_index(schema, "ix_housekey_sessions_expires_at", "housekey_sessions", ["expires_at"])


def _devices(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_devices",
        sa.Column("token", digest_type(), nullable=False),
        user_id(schema),
        sa.Column("id", key_type(22), nullable=False),
        sa.Column("family", sa.String(100), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_seen_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("token", "user_id", name="pk_housekey_devices"),
        user_key(schema, "fk_housekey_devices_user_id"),
    )
    create_index(schema, "ix_housekey_devices_user_id", "housekey_devices", ["user_id"])


def _attempts(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_attempts",
        sa.Column("token", digest_type(), nullable=False),
        user_id(schema),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("session_id", key_type(22)),
        sa.Column("security_version", sa.Integer, nullable=False),
        sa.Column("proofs", sa.JSON, nullable=False),
        sa.Column("done", sa.JSON, nullable=False),
        sa.Column("remember", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("lifetime_seconds", sa.Integer),
        sa.Column("target", sa.String(2000)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("spent_at", UtcDateTime),
        sa.PrimaryKeyConstraint("token", name="pk_housekey_attempts"),
        user_key(schema, "fk_housekey_attempts_user_id"),
    )
    create_index(schema, "ix_housekey_attempts_user_id", "housekey_attempts", ["user_id"])
    create_index(schema, "ix_housekey_attempts_expires_at", "housekey_attempts", ["expires_at"])


def _passwords(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_passwords",
        user_id(schema),
        sa.Column("hash", sa.String(255), nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_housekey_passwords"),
        user_key(schema, "fk_housekey_passwords_user_id"),
    )


def _roles(schema: Schema) -> None:
    roles = f"{schema.tables['roles'].fullname}.name"
    create_table(
        schema,
        "housekey_roles",
        sa.Column("name", key_type(80), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_housekey_roles"),
    )
    create_table(
        schema,
        "housekey_role_permissions",
        sa.Column("role", key_type(80), nullable=False),
        sa.Column("permission", key_type(80), nullable=False),
        sa.PrimaryKeyConstraint("role", "permission", name="pk_housekey_role_permissions"),
        sa.ForeignKeyConstraint(["role"], [roles], name="fk_housekey_role_permissions_role"),
    )
    create_table(
        schema,
        "housekey_user_roles",
        user_id(schema),
        sa.Column("role", key_type(80), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "role", name="pk_housekey_user_roles"),
        user_key(schema, "fk_housekey_user_roles_user_id"),
        sa.ForeignKeyConstraint(["role"], [roles], name="fk_housekey_user_roles_role"),
    )
    create_index(schema, "ix_housekey_user_roles_role", "housekey_user_roles", ["role"])


def _counters(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_counters",
        sa.Column("key", digest_type(), nullable=False),
        user_id(schema, nullable=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("in_row", sa.Integer, nullable=False),
        sa.Column("locked_until", UtcDateTime),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_housekey_counters"),
        user_key(schema, "fk_housekey_counters_user_id"),
    )
    create_index(schema, "ix_housekey_counters_user_id", "housekey_counters", ["user_id"])
    create_index(schema, "ix_housekey_counters_updated_at", "housekey_counters", ["updated_at"])


def _windows(schema: Schema) -> None:
    create_table(
        schema,
        "housekey_windows",
        sa.Column("key", digest_type(), nullable=False),
        sa.Column("entries", sa.JSON, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_housekey_windows"),
    )
    create_index(schema, "ix_housekey_windows_expires_at", "housekey_windows", ["expires_at"])
