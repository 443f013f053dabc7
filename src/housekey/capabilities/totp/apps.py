"""Reads and writes of `housekey_authenticator_apps`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from housekey.errors import NotFound
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.sealing import Place, SealError
from housekey.login import Enrolled
from housekey.store.schema import Schema

log = logging.getLogger("housekey")
METHOD = "otp"
"""RFC 8176 §2."""


def place(app_id: str) -> Place:
    """Where its seed stands."""
    return Place("housekey_authenticator_apps", "seed", app_id)


def enrolled(source: Any, schema: Schema, user_id: Any) -> Sequence[Enrolled]:
    """A person's apps, the oldest first."""
    found = source.execute(schema.once(_enrolled), {"whose": user_id})
    return [Enrolled(method=METHOD, **row) for row in found.mappings()]


def _enrolled(schema: Schema) -> sa.Select[Any]:
    table = schema.tables["authenticator_apps"]
    mine = (table.c.user_id == sa.bindparam("whose")) & table.c.confirmed_at.is_not(None)
    columns = table.c.id, table.c.name, table.c.confirmed_at.label("created_at"), table.c.last_used_at
    return sa.select(*columns).where(mine).order_by(table.c.confirmed_at, table.c.id)


def one(source: Any, schema: Schema, user_id: Any, app_id: str) -> Enrolled:
    """One of a person's apps. Raises `NotFound`, for another person's too (flaw 47)."""
    found = next((each for each in enrolled(source, schema, user_id) if each.id == app_id), None)
    if found is None:
        raise NotFound()
    return found


def seeds(house: House, user_id: Any) -> Sequence[tuple[str, bytes]]:
    """The ids and seeds of a person's apps. One that no key opens is passed over: the others still work."""
    table = house.store.tables["authenticator_apps"]
    mine = (table.c.user_id == user_id) & table.c.confirmed_at.is_not(None)
    with house.read() as connection:
        rows = connection.execute(sa.select(table.c.id, table.c.seed).where(mine).order_by(table.c.id)).all()
    opened = []
    for row in rows:
        try:
            opened.append((row.id, house.sealer.open(row.seed, place(row.id))))
        except SealError as error:
            log.error("an authenticator app can't be asked: %s", error)
    return opened


def spend(unit: Unit, app_id: str, step: int) -> bool:
    """Use up the code of a step, and all before it: of two parallel spenders exactly one wins (flaw 32)."""
    table = unit.tables["authenticator_apps"]
    mine = (table.c.id == app_id) & (table.c.last_step < step)
    spent = unit.execute(sa.update(table).where(mine).values(last_step=step, last_used_at=clock.now()))
    return spent.rowcount == 1


def take(unit: Unit, user_id: Any, app_id: str) -> int:
    """Take one of a person's apps."""
    table = unit.tables["authenticator_apps"]
    return int(unit.execute(sa.delete(table).where(table.c.id == app_id, table.c.user_id == user_id)).rowcount)


def forget(unit: Unit, user_id: Any) -> int:
    """Take all apps of a person."""
    table = unit.tables["authenticator_apps"]
    return int(unit.execute(sa.delete(table).where(table.c.user_id == user_id)).rowcount)
