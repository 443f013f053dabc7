"""Factors that came with a thief go when the owner gets a frozen account back, and those that a thief has removed come
back."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.factors import actions, removed
from housekey.capabilities.factors.events import FactorPutBack, FactorRemoved
from housekey.capabilities.notices.events import AccountUnfrozen
from housekey.capabilities.notices.settings import NoticeSettings
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.login import Enrolled, Factor
from housekey.store.schema import Schema

BY = "undo"


def listen(house: House) -> None:
    """Else the owner has the password back, and the thief's phone stands before it."""
    house.events.on(AccountUnfrozen, partial(_unfrozen, house))
    kept_for = house.settings[NoticeSettings].undo_lifetime
    house.store.expiring["removed_factors"] = lambda table, moment: table.c.removed_at < moment - kept_for


def _unfrozen(house: House, event: AccountUnfrozen, session: Any) -> None:
    unit = Unit(house, session)
    if event.version is None:  # by an administrator, who has the last word: the account is opened as it is
        removed.forget(unit, event.user_id)
        return
    taken = _take_back(unit, event.user_id, event.version)
    for one in removed.put_back(unit, event.user_id, event.version):
        unit.publish(FactorPutBack(user_id=event.user_id, method=one.method, name=one.name, at=clock.now()))
    last = bool(taken) and actions.forget_rest(unit, event.user_id)
    for one in taken:
        unit.publish(
            FactorRemoved(
                user_id=event.user_id, method=one.method, name=one.name, last=last, by=BY, at=clock.now()
            )
        )  # fmt: skip


def _take_back(unit: Unit, user_id: Any, version: int) -> list[Enrolled]:
    """What came later than that `security_version`."""
    taken = [one for factor, one in _later(unit, user_id, version) if _take(unit, user_id, factor, one)]
    if taken:
        actions.forget_additions(unit, user_id, *(one.id for one in taken))
    return taken


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
