"""Reads and writes of `housekey_passwords`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.house import House
from housekey.kernel import clock
from housekey.store.schema import Schema

NONE = ""
"""Kept instead of a hash: there is no password, not even one that an older app has kept in a column of its own."""


def stored_hash(house: House, user_id: Any) -> str | bytes | None:
    """The hash of a user; None for nobody and for one without a password, after the same read."""
    schema = house.store.schema
    with house.read() as connection:
        found = connection.scalar(schema.once(_hash), {"whose": user_id})
        legacy = house.settings[PasswordSettings].legacy_column
        if found is None and legacy is not None:
            column = schema.mapper.columns[legacy]
            found = connection.scalar(sa.select(column).where(schema.key == user_id))
    return found or None


def has_legacy(source: Any, schema: Schema, user_id: Any, column: str | None) -> bool:
    """Whether an older app keeps a hash of a user's in this column of its own."""
    if column is None:
        return False
    return bool(source.execute(sa.select(schema.mapper.columns[column]).where(schema.key == user_id)).scalar())


def _hash(schema: Schema) -> sa.Select[Any]:
    passwords = schema.tables["passwords"]
    return sa.select(passwords.c.hash).where(passwords.c.user_id == sa.bindparam("whose"))


def store_hash(source: Any, schema: Schema, user_id: Any, new: str, *, short: bool = False) -> None:
    """Keep a hash; `source` is a session or a connection in a transaction. `short`: of a password that is long enough
    only beside a second factor."""
    passwords = schema.tables["passwords"]
    row = {"hash": new, "changed_at": clock.now(), "short": short}
    changed = source.execute(sa.update(passwords).where(passwords.c.user_id == user_id).values(row))
    if not changed.rowcount:
        source.execute(sa.insert(passwords).values(user_id=user_id, **row))


def is_short(source: Any, schema: Schema, user_id: Any) -> bool:
    """Whether the password of a user is long enough only beside a second factor."""
    passwords = schema.tables["passwords"]
    mine = (passwords.c.user_id == user_id) & (passwords.c.hash != NONE)
    return bool(source.execute(sa.select(passwords.c.short).where(mine)).scalar())
