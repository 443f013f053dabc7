"""The log: entries in segments, each segment a chain of its own.

No column refers to `User`: what a person did stays on record when the account is gone. `subject` and `actor` are keys
of users as text. What must be erasable (`address`, `personal`, and the `salt` without which the hash in the chain says
nothing) stands beside the chain: `personal_hash` stays when they go.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from housekey.store.personal import OfNobody, OfUser, Row
from housekey.store.schema import Schema
from housekey.store.types import UtcDateTime, digest_type, key_type

ADDRESS_LENGTH = 45
LONGEST_UNREADABLE = 1000
"""Characters that are shown of it."""
ERASED = {"address": None, "personal": None, "salt": None}


def define(schema: Schema) -> None:
    _segments(schema)
    _entries(schema)


def _segments(schema: Schema) -> None:
    """One row a segment: where its chain ends, under a seal, so that a tail that is cut off is missed. The row 0 is the
    register: its `position` is the number of segments, so that a whole one is missed, too."""
    schema.table(
        "audit_segments",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("head", digest_type(), nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("swept_at", UtcDateTime),
        sa.Column("seal", digest_type(), nullable=False),
        indexes={"last_at": ("last_at",)},
        about=OfNobody("where each chain ends"),
    )


def _entries(schema: Schema) -> None:
    """`details` and `personal` are JSON as text: what is signed is read back letter by letter."""
    segments = schema.tables["audit_segments"]
    schema.table(
        "audit_entries",
        sa.Column("segment", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("event", key_type(80), nullable=False),
        sa.Column("owasp", key_type(64)),
        sa.Column("outcome", key_type(16), nullable=False),
        sa.Column("reason", key_type(64)),
        sa.Column("actor_kind", key_type(16), nullable=False),
        sa.Column("actor", key_type()),
        sa.Column("subject", key_type()),
        sa.Column("session", key_type(22)),
        sa.Column("details", sa.Text, nullable=False),
        sa.Column("address", key_type(ADDRESS_LENGTH)),
        sa.Column("personal", sa.Text),
        sa.Column("salt", digest_type()),
        sa.Column("personal_hash", digest_type(), nullable=False),
        sa.Column("mac", digest_type(), nullable=False),
        indexes={
            "at": ("at",),
            "event": ("event", "at"),
            "subject": ("subject", "at"),
            "actor": ("actor", "at"),
        },
        expired=lambda t, _: t.c.segment.in_(sa.select(segments.c.number).where(segments.c.swept_at.isnot(None))),
        about=OfUser(
            exported=(
                "at",
                "event",
                "outcome",
                "reason",
                "actor_kind",
                "actor",
                "session",
                "details",
                "address",
                "personal",
            ),
            withheld=("segment", "position", "owasp", "salt", "personal_hash", "mac"),
            shape=_as_the_subject_knows_it,
            subject="subject",
            since="at",
            kept="a log from which entries can be taken proves nothing; what is personal in them is erased",
            forget=_erase,
        ),
    )


def _as_the_subject_knows_it(row: Row) -> Row:
    """Whose account it is reads where a stranger came from, but not where an administrator sat."""
    mine = row["actor"] == row["subject"] or row["actor_kind"] == "anonymous"
    shown = {name: row[name] for name in ("at", "event", "outcome", "reason")}
    by = "you" if row["actor"] == row["subject"] else row["actor_kind"]
    where = {"session": row["session"], "personal": object_in(row["personal"])} if mine else {}
    return {**shown, "by": by, "details": object_in(row["details"]), **where}


def object_in(text: str | None) -> dict[str, Any]:
    """What stands in `details` or `personal`; `{}` where it was erased. What somebody else has written there is shown
    as it is: one such row must not keep all others from being read."""
    try:
        found = json.loads(text or "{}")
    except (TypeError, ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {"unreadable": str(text)[:LONGEST_UNREADABLE]}


def _erase(table: sa.Table, user_id: Any) -> sa.Update:
    """A person who goes takes along what is personal in what they did, and in what was done to them."""
    key, held = str(user_id), table.c.salt.isnot(None)
    return sa.update(table).where((table.c.subject == key) | (table.c.actor == key), held).values(ERASED)
