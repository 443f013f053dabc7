"""The tables of the road itself; each capability has its own beside its rules."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from housekey.store import versions
from housekey.store.personal import OfNobody, OfUser
from housekey.store.schema import Schema, declare, unique
from housekey.store.types import UtcDateTime, digest_type, key_type

KEPT_FOR = timedelta(days=7)
"""How long the record of a session that is over says when and why it ended."""
DEVICE_LIFETIME = timedelta(days=400)
"""As long as browsers keep a cookie (RFC 6265bis §5.5): nobody can show the token of an older one."""

LONGEST_TARGET = 2000
"""Characters of where a login that waits goes on to."""


def define(schema: Schema) -> None:
    """accounts, identifiers, sessions, devices, attempts, spent_cookies, version."""
    for part in (_accounts, _identifiers, _sessions, _devices, _attempts, _spent_cookies, versions.define):
        part(schema)


def _accounts(schema: Schema) -> None:
    """What Housekey knows about a user beside the host's own columns. `security_version` rises whenever all
    that was granted before must end. `frozen_at`: since when the owner has shut it (“This wasn't me”).
    `closing_at`: when it is to be erased, unless it is kept; `erasing_failed_at`: since when that was tried in vain."""
    schema.table(
        "accounts",
        schema.user_column("accounts", primary_key=True),
        sa.Column("security_version", sa.Integer, nullable=False, default=0),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("disabled_at", UtcDateTime),
        sa.Column("last_login_at", UtcDateTime),
        sa.Column("language", sa.String(35)),
        sa.Column("time_zone", sa.String(64)),
        sa.Column("frozen_at", UtcDateTime),
        sa.Column("closing_at", UtcDateTime),
        sa.Column("erasing_failed_at", UtcDateTime),
        indexes={"created_at": ("created_at", "user_id"), "closing_at": ("closing_at",)},
        about=OfUser(
            exported=(
                "created_at",
                "disabled_at",
                "last_login_at",
                "language",
                "time_zone",
                "frozen_at",
                "closing_at",
                "erasing_failed_at",
            ),
            withheld=("security_version",),
        ),
    )


def _identifiers(schema: Schema) -> None:
    """What a person may type to say who they are. One table, so that a username can't equal an address.
    `skeleton` is equal for usernames that look alike."""
    schema.table(
        "identifiers",
        sa.Column("key", key_type(), primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        schema.user_column("identifiers"),
        sa.Column("skeleton", key_type()),
        sa.Column("verified_at", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        unique("identifiers", "skeleton"),
        indexes={"user_id": ("user_id",)},
        about=OfUser(exported=("key", "kind", "verified_at", "created_at"), withheld=("skeleton",)),
    )


def _sessions(schema: Schema) -> None:
    """`id` is shown to people, `token` is the digest of what the browser holds. `boot` names the server start.
    `aal2_ended_at`: since when, after too long a rest, its proofs count for AAL1 alone."""
    schema.table(
        "sessions",
        sa.Column("id", key_type(22), primary_key=True),
        sa.Column("token", digest_type(), nullable=False),
        schema.user_column("sessions"),
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
        sa.Column("aal2_ended_at", UtcDateTime),
        unique("sessions", "token"),
        indexes={"user_id": ("user_id", "ended_at"), "expires_at": ("expires_at",)},
        expired=lambda t, moment: (t.c.expires_at < moment - KEPT_FOR) | (t.c.ended_at < moment - KEPT_FOR),
        about=OfUser(
            exported=(
                "id",
                "proofs",
                "auth_time",
                "created_at",
                "last_seen_at",
                "expires_at",
                "remember",
                "address",
                "user_agent",
                "ended_at",
                "ended_why",
                "aal2_ended_at",
            ),
            withheld=("token", "security_version", "idle_seconds", "boot"),
        ),
    )


def _devices(schema: Schema) -> None:
    """Browsers that have logged in to an account before. A row grants nothing; lockout and notices use it."""
    schema.table(
        "devices",
        sa.Column("token", digest_type(), primary_key=True),
        schema.user_column("devices", primary_key=True),
        sa.Column("id", key_type(22), nullable=False),
        sa.Column("family", sa.String(100), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_seen_at", UtcDateTime, nullable=False),
        indexes={"user_id": ("user_id",)},
        expired=lambda t, moment: t.c.last_seen_at < moment - DEVICE_LIFETIME,
        about=OfUser(exported=("family", "created_at", "last_seen_at"), withheld=("token", "id")),
    )


def _attempts(schema: Schema) -> None:
    """Logins that wait for a further proof. A row exists only after a first proof, so strangers fill no table."""
    schema.table(
        "attempts",
        sa.Column("token", digest_type(), primary_key=True),
        schema.user_column("attempts"),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("session_id", key_type(22)),
        sa.Column("security_version", sa.Integer, nullable=False),
        sa.Column("proofs", sa.JSON, nullable=False),
        sa.Column("done", sa.JSON, nullable=False),
        sa.Column("remember", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("lifetime_seconds", sa.Integer),
        sa.Column("target", sa.String(LONGEST_TARGET)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("spent_at", UtcDateTime),
        indexes={"user_id": ("user_id",), "expires_at": ("expires_at",)},
        expired=lambda t, moment: t.c.expires_at < moment,
        about=OfUser(
            exported=("purpose", "proofs", "remember", "target", "created_at", "expires_at", "spent_at"),
            withheld=("token", "session_id", "security_version", "done", "lifetime_seconds"),
        ),
        grants=True,
    )


def _spent_cookies(schema: Schema) -> None:
    """Digests of Flask-Login's cookies that have opened a session once; see `login.bridge`."""
    schema.table(
        "spent_cookies",
        sa.Column("digest", digest_type(), primary_key=True),
        sa.Column("spent_at", UtcDateTime, nullable=False),
        expired=lambda t, moment: t.c.spent_at < moment - DEVICE_LIFETIME,
        about=OfNobody("a digest doesn't say whose cookie it was"),
    )


declare(define)
