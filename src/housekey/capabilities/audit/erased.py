"""Whose entries may lack their personal part: those of somebody who has left.

Whoever can write to the database, and has no key, could else take the address out of what they did, and the log would
call it erased. Nor is it enough that an account seems to be younger than the entry: nothing seals that. Whoever leaves
is taken out of all that came before, too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from housekey.house import House

MEANWHILE = timedelta(minutes=1)
"""What was being written while somebody was erased may have kept its personal part."""


def unexplained(house: House, rows: Sequence[Any]) -> frozenset[int]:
    """The positions of those of these entries whose personal part is gone, though everybody whom they name is there as
    before. The entries were read first: whoever leaves meanwhile is found gone here."""
    erased = [row for row in rows if row["salt"] is None]
    if not erased:
        return frozenset()
    keys = {key for row in erased for key in _named(row)}
    since, whole = _since(house, keys), _whole_since(house, keys)

    def has_left(key: str, moment: datetime) -> bool:
        """Gone, or another one bears the number by now; and of that time nothing personal is left anywhere."""
        is_gone = key not in since or since[key] >= moment
        return is_gone and not (key in whole and whole[key] < moment - MEANWHILE)

    return frozenset(row["position"] for row in erased if not any(has_left(key, row["at"]) for key in _named(row)))


def _named(row: Any) -> list[str]:
    return [key for key in (row["subject"], row["actor"]) if key is not None]


def _since(house: House, keys: Collection[str]) -> dict[str, datetime]:
    """Since when each of these users is there."""
    ids = [user_id for key in keys if (user_id := house.store.parse_key(key)) is not None]
    if not ids:
        return {}
    accounts = house.store.tables["accounts"]
    there = sa.select(accounts.c.user_id, accounts.c.created_at).where(accounts.c.user_id.in_(ids))
    with house.read() as connection:
        return {str(row.user_id): row.created_at for row in connection.execute(there)}


def _whole_since(house: House, keys: Collection[str]) -> Mapping[str, datetime]:
    """When the first entry was written that names each of these users and still has its personal part."""
    table = house.store.tables["audit_entries"]
    first: dict[str, datetime] = {}
    with house.read() as connection:
        for column in (table.c.subject, table.c.actor) if keys else ():
            whole = sa.select(column, sa.func.min(table.c.at)).where(column.in_(keys), table.c.salt.isnot(None))
            for key, moment in connection.execute(whole.group_by(column)):
                first[key] = min(moment, first.get(key, moment))
    return first
