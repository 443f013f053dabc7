"""Remove a second factor, whatever kind it is of."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import sqlalchemy as sa

from housekey.capabilities.factors import actions, owing, removed
from housekey.capabilities.factors.actions import Owner
from housekey.capabilities.factors.events import FactorRemoved
from housekey.capabilities.passwords.stored import is_short
from housekey.errors import Conflict, FactorRequired, LongerPasswordNeeded
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.login import Enrolled, Kind
from housekey.login.factors import enrolled, reach, working

NONE_WORKS = _("Nothing else that you have works on this site just now. Remove the others first, or keep this one.")
Find = Callable[[Unit], Enrolled]
Take = Callable[[Unit, Enrolled], None]


def remove(house: House, owner: Owner, find: Find, take: Take) -> Enrolled:
    """Take what `find` finds, by `take`. It may have been stolen, so what was opened with it ends; with the last of a
    person's its backups go.

    Raises what these raise, `NotLoggedIn`, and as `Conflict`: `LongerPasswordNeeded` for the last one beside a short
    password, `FactorRequired` for what the site asks this person for, or where none of those left works here.
    """
    owes = owing.is_due_of(house, owner.user_id)  # before the unit: a host's function opens a session of its own
    return house.run(partial(_remove, owner=owner, find=find, take=take, owes=owes))


def _remove(unit: Unit, owner: Owner, find: Find, take: Take, owes: bool) -> Enrolled:
    actions.lock(unit, owner)
    one, before = find(unit), reach(unit.house, unit.session, owner.user_id)
    factor = next(each for each in unit.house.factors if each.method == one.method)
    removed.keep(unit, owner.user_id, factor=factor, factor_id=one.id)
    take(unit, one)
    actions.forget_additions(unit, owner.user_id, one.id)
    last = _judged(unit, owner, one, owes=owes, before=before)
    if last:
        removed.keep_all(unit, owner.user_id)
        actions.forget(unit, owner.user_id)
    actions.end_others(unit, owner, "factor_removed")
    _unprove(unit, owner)
    unit.publish(FactorRemoved(user_id=owner.user_id, method=one.method, name=one.name, last=last, at=clock.now()))
    return one


def _judged(unit: Unit, owner: Owner, one: Enrolled, *, owes: bool, before: int) -> bool:
    """Whether it was the last. `before`: the AAL that the person could reach with it."""
    house, session = unit.house, unit.session
    left = enrolled(house, session, owner.user_id)
    if owes and (not working(house, left) or reach(house, session, owner.user_id) < before):
        raise FactorRequired()
    if left and working(house, [one]) and not working(house, left):
        raise Conflict(NONE_WORKS)  # each login would ask for what isn't taken
    if not left and is_short(unit, unit.schema, owner.user_id):
        raise LongerPasswordNeeded()
    return not left


def _unprove(unit: Unit, owner: Owner) -> None:
    """The session that goes on is worth what it would be without a factor that is gone: a password alone must not
    bring its AAL2 back. One that was opened by nothing else keeps that as one factor."""
    sessions, gone = unit.tables["sessions"], {factor.method for factor in unit.house.factors}
    gone -= {one.method for one in enrolled(unit.house, unit.session, owner.user_id)}
    mine = sessions.c.id == owner.session_id
    proofs = unit.execute(sa.select(sessions.c.proofs).where(mine)).scalar() or []
    left = [proof for proof in proofs if proof["method"] not in gone]
    single = [{**proof, "kind": Kind.POSSESSION.value} for proof in proofs[:1]]
    unit.execute(sa.update(sessions).where(mine).values(proofs=left or single))
