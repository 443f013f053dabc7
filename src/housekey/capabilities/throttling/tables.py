"""Counts of failures and moving windows of requests.

Both are found by a digest of what they count. It is an HMAC for identifiers that nobody bears and for networks: such
an identifier may be a password typed into the wrong field, and must not lie in the database as text.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from housekey.capabilities.throttling.settings import ThrottlingSettings
from housekey.store.personal import OfNobody, OfUser
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type, key_type

KEPT_FOR = timedelta(days=7)
"""Longer than the longest lock may be set in earnest."""
USERS_KEPT_FOR = timedelta(days=400)
"""How long a user's failures in a row are remembered at least: as long as a browser is."""


def _of_nobody(table: sa.Table, moment: datetime) -> sa.ColumnElement[bool]:
    """Names that nobody bears can't be closed."""
    return table.c.user_id.is_(None) & (table.c.updated_at < moment - KEPT_FOR) & _is_open(table, moment)


def expired(settings: ThrottlingSettings, table: sa.Table, moment: datetime) -> sa.ColumnElement[bool]:
    """Also what stands against users, once nobody has tried for long: but no lock that still holds, and nothing from
    half the way to closing on, so that patience gives no guesser a hundred tries anew (NIST SP 800-63B-4 §3.2.2)."""
    is_far_from_closing = table.c.in_row * 2 < settings.close_after
    kept_for = max(USERS_KEPT_FOR, settings.forget_after)
    of_users = (table.c.updated_at < moment - kept_for) & is_far_from_closing & _is_open(table, moment)
    return _of_nobody(table, moment) | of_users


def _is_open(table: sa.Table, moment: datetime) -> sa.ColumnElement[bool]:
    return table.c.locked_until.is_(None) | (table.c.locked_until < moment)


def define(schema: Schema) -> None:
    schema.table(
        "counters",
        sa.Column("key", digest_type(), primary_key=True),
        schema.user_column("counters", nullable=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("in_row", sa.Integer, nullable=False),
        sa.Column("locked_until", UtcDateTime),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.Column("method", key_type(32)),  # None: counted before this was noted, and not tried since
        indexes={"user_id": ("user_id",), "updated_at": ("updated_at",)},
        expired=_of_nobody,
        about=OfUser(exported=("method", "failures", "in_row", "locked_until", "updated_at"), withheld=("key",)),
    )
    schema.table(
        "windows",
        sa.Column("key", digest_type(), primary_key=True),
        sa.Column("entries", sa.JSON, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        indexes={"expires_at": ("expires_at",)},
        expired=lambda t, moment: t.c.expires_at < moment,
        about=OfNobody("moments under a digest, which doesn't say whose they are, and soon gone"),
    )
