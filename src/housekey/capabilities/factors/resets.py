"""A reset that waits (`HOUSEKEY_FACTORS_RESET_AFTER`): whoever talks an administrator into it is not the only one who
hears of it, and the owner has time to stop it.

It takes effect when it is met: by the sweeps, or by a login that would ask for a second factor. It takes what was there
when it was asked for: what the owner has added since is no lost phone. Whoever has asked for it is judged once more:
who was demoted or shut out meanwhile resets nobody. It ends with what else was done under the asker's old password:
an administrator who changes that, or says “This wasn't me”, may not have been the one who asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.factors import actions
from housekey.capabilities.factors.events import FactorsResetBegun, FactorsResetStopped
from housekey.capabilities.factors.settings import FactorSettings
from housekey.capabilities.notices.events import AccountFrozen
from housekey.capabilities.passwords.events import PasswordChanged
from housekey.errors import Conflict
from housekey.house import House, Unit
from housekey.kernel import circumstances, clock
from housekey.kernel.circumstances import Circumstances
from housekey.kernel.texts import text as _
from housekey.login.factors import enrolled
from housekey.store import users

NONE_THERE = _("There is no second factor to take away.")
WAITS_ALREADY = _("A reset waits already.")
NONE_WAITS = _("No reset waits.")
FEW = 20
"""Resets in a small sweep."""
ADMINISTRATOR, SITE = "administrator", "site"


class Askers:
    """Who may ask for a reset; the capability that lets administrators do so provides it."""

    def may_still(self, unit: Unit, actor_id: Any, user_id: Any) -> bool:
        """Whether this administrator could ask for it now as well."""
        raise NotImplementedError


def begin(unit: Unit, user_id: Any, *, by: str, actor: Any = None, at_once: bool = False) -> datetime | None:
    """Reset a user's second factors; when that takes effect, or None if it is done. Asks nobody's leave. Raises
    `Conflict`: there is none, or one waits already."""
    users.lock(unit.session, unit.schema, user_id)
    wait, moment = unit.house.settings[FactorSettings].reset_after, clock.now()
    if not enrolled(unit.house, unit.session, user_id):
        raise Conflict(NONE_THERE)
    if at_once or not wait:
        actions.reset(unit, user_id, by=by, actor=actor)
        return None
    if waiting(unit.session, unit.house, user_id) is not None:
        raise Conflict(WAITS_ALREADY)
    due_at, who = moment + wait, None if actor is None else str(actor)
    row = {"user_id": user_id, "asked_by": by, "actor": who, "asked_at": moment, "due_at": due_at}
    unit.execute(sa.insert(unit.tables["factor_resets"]).values(row))
    unit.publish(FactorsResetBegun(user_id=user_id, by=by, actor=actor, takes_effect_at=due_at, at=moment))
    return due_at


def waiting(source: Any, house: House, user_id: Any) -> datetime | None:
    """When a user's reset takes effect; None if none waits. `source` is a connection or a session."""
    table = house.store.tables["factor_resets"]
    found = source.execute(sa.select(table.c.due_at).where(table.c.user_id == user_id)).scalar()
    return found if isinstance(found, datetime) else None


def stop(unit: Unit, user_id: Any, *, by: str, actor: Any = None) -> None:
    """Keep the factors. Raises `Conflict`: none waits, or it has just taken effect."""
    users.lock(unit.session, unit.schema, user_id)
    if not _take(unit, user_id):
        raise Conflict(NONE_WAITS)
    unit.publish(FactorsResetStopped(user_id=user_id, by=by, actor=actor, at=clock.now()))


def _take(unit: Unit, user_id: Any, *conditions: Any) -> bool:
    """Of a stop and a sweep in the same moment one finds the row."""
    table = unit.tables["factor_resets"]
    return unit.execute(sa.delete(table).where(table.c.user_id == user_id, *conditions)).rowcount == 1


def stop_for_frozen(house: House, event: AccountFrozen, session: Any) -> None:
    """“This wasn't me” was said to the mail about it, or to another one: the owner is asked once more."""
    unit = Unit(house, session)
    if _take(unit, event.user_id):
        unit.publish(FactorsResetStopped(user_id=event.user_id, by="user", at=event.at))


def stop_of_asker(house: House, event: AccountFrozen | PasswordChanged, session: Any) -> None:
    """What was asked for in this administrator's name; it can be asked for again."""
    unit, table = Unit(house, session), house.store.tables["factor_resets"]
    asked = (table.c.asked_by == ADMINISTRATOR) & (table.c.actor == str(event.user_id))
    for user_id in unit.scalars(sa.select(table.c.user_id).where(asked)).all():
        if _take(unit, user_id, asked):
            unit.publish(FactorsResetStopped(user_id=user_id, by=SITE, at=event.at))


def carry_out(unit: Unit, user_id: Any) -> bool:
    """Take the factors if the time has come; judged under the lock, by the row count of one statement."""
    users.lock(unit.session, unit.schema, user_id)
    table = unit.tables["factor_resets"]
    row = unit.execute(sa.select(table).where(table.c.user_id == user_id)).first()
    if row is None or not _take(unit, user_id, table.c.due_at <= clock.now()):
        return False
    actor = None if row.actor is None else unit.house.store.parse_key(row.actor)
    if row.asked_by == ADMINISTRATOR and not unit.house.service(Askers).may_still(unit, actor, user_id):
        unit.publish(FactorsResetStopped(user_id=user_id, by=SITE, at=clock.now()))
        return False
    actions.reset(unit, user_id, by=row.asked_by, actor=actor, since=row.asked_at)
    return True


def is_carried_out(house: House, user_id: Any) -> bool:
    """For a login: whether the factors have just been taken, because it was time."""
    return asked_at(house, user_id) is not None and house.run(partial(carry_out, user_id=user_id))


def asked_at(house: House, user_id: Any) -> datetime | None:
    """When a reset was asked for whose time has come; None if there is none. Changes nothing."""
    if not house.settings[FactorSettings].reset_after:
        return None  # one that waits from before the setting was changed is the sweeps'
    table = house.store.tables["factor_resets"]
    due = (table.c.user_id == user_id) & (table.c.due_at <= clock.now())
    with house.read() as connection:
        found = connection.execute(sa.select(table.c.asked_at).where(due)).scalar()
    return found if isinstance(found, datetime) else None


def sweep(house: House) -> Mapping[str, int]:
    """All whose time has come. For `flask housekey sweep`."""
    return {"resets of second factors": sum(house.run(partial(carry_out, user_id=it)) for it in _due(house))}


def sweep_some(house: House) -> None:
    """A few of them, in a busy process: in nobody's name, whose ever the request is."""
    with circumstances.under(Circumstances()):
        for user_id in _due(house, FEW):
            with house.store.write_at_once() as session:
                carry_out(Unit(house, session), user_id)


def _due(house: House, limit: int | None = None) -> list[Any]:
    table = house.store.tables["factor_resets"]
    due = sa.select(table.c.user_id).where(table.c.due_at <= clock.now()).order_by(table.c.due_at).limit(limit)
    with house.read() as connection:
        return list(connection.scalars(due))
