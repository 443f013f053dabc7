"""Whose entries may lack their personal part: those of somebody who has left.

Whoever can write to the database, and has no key, could else take the address out of what they did, and the log would
call it erased.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from housekey.house import House


def unexplained(house: House, rows: Sequence[Any]) -> frozenset[int]:
    """The positions of those of these entries whose personal part is gone, though everybody whom they name is there as
    before. The entries were read first: whoever leaves meanwhile is found gone here."""
    erased = [row for row in rows if row["salt"] is None]
    since = _since(house, {key for row in erased for key in _named(row)})
    return frozenset(row["position"] for row in erased if not any(_left(since, key, row) for key in _named(row)))


def _named(row: Any) -> list[str]:
    return [key for key in (row["subject"], row["actor"]) if key is not None]


def _left(since: Mapping[str, datetime], key: str, row: Any) -> bool:
    """Gone, or another one bears the number by now."""
    return key not in since or since[key] >= row["at"]


def _since(house: House, keys: set[str]) -> dict[str, datetime]:
    """Since when each of these users is there."""
    ids = [user_id for key in keys if (user_id := house.store.parse_key(key)) is not None]
    if not ids:
        return {}
    accounts = house.store.tables["accounts"]
    there = sa.select(accounts.c.user_id, accounts.c.created_at).where(accounts.c.user_id.in_(ids))
    with house.read() as connection:
        return {str(row.user_id): row.created_at for row in connection.execute(there)}
