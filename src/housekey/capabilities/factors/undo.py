"""Factors that came with a thief go when the owner gets a frozen account back."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.factors import actions
from housekey.capabilities.factors.events import FactorRemoved
from housekey.capabilities.notices.events import AccountUnfrozen
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.login import Enrolled, Factor
from housekey.store.schema import Schema

BY = "undo"


def listen(house: House) -> None:
    """Else the owner has the password back, and the thief's phone stands before it."""
    house.events.on(AccountUnfrozen, partial(_take_back, house))


def _take_back(house: House, event: AccountUnfrozen, session: Any) -> None:
    """What the owner had under that `security_version` stays; what was removed since can't be put back."""
    if event.version is None:
        return  # by an administrator: the account is opened as it is
    unit = Unit(house, session)
    taken = [
        one for factor, one in _later(unit, event.user_id, event.version) if _take(unit, event.user_id, factor, one)
    ]
    last = bool(taken) and actions.forget_rest(unit, event.user_id)
    for one in taken:
        unit.publish(
            FactorRemoved(
                user_id=event.user_id, method=one.method, name=one.name, last=last, by=BY, at=clock.now()
            )
        )  # fmt: skip


def _later(unit: Unit, user_id: Any, version: int) -> list[tuple[Factor, Enrolled]]:
    later = added_since(unit.session, unit.schema, user_id, version)
    return [
        (factor, one)
        for factor in unit.house.factors
        for one in factor.enrolled(unit.session, unit.schema, user_id)
        if one.id in later
    ]


def added_since(source: Any, schema: Schema, user_id: Any, version: int) -> frozenset[str]:
    """The ids of what came later than that `security_version`. `source` is a connection or a session."""
    table = schema.tables["factor_additions"]
    added = sa.select(table.c.factor_id).where(table.c.user_id == user_id, table.c.version > version)
    return frozenset(source.scalars(added))


def _take(unit: Unit, user_id: Any, factor: Factor, one: Enrolled) -> bool:
    return factor.take is not None and factor.take(unit, user_id, one.id) > 0
