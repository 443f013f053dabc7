"""The verbs of recovery codes: make a set, use one up."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from housekey import login
from housekey.capabilities.factors import actions as factors
from housekey.capabilities.factors import removed
from housekey.capabilities.factors.actions import Owner
from housekey.capabilities.passwords.actions import Vault
from housekey.capabilities.recovery_codes import codes
from housekey.capabilities.recovery_codes.codes import NewSet, Recipe
from housekey.capabilities.recovery_codes.events import RecoveryCodesMade, RecoveryCodeUsed
from housekey.errors import Forbidden, InvalidCredentials
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Enrolled, Given, Kind, Proof
from housekey.login.factors import enrolled as enrolled_factors
from housekey.login.pipeline import Check
from housekey.store.schema import Schema

METHOD = "recovery_code"
LABEL = _("Recovery codes")
FEW = 3
"""So many left, or fewer: their owner is asked to make new ones."""
NO_FACTOR = _("Recovery codes stand in for a lost phone. Add an authenticator app first.")


def prepare(house: House, network: str | None) -> NewSet:
    """Make a set; nothing is kept yet. Takes ten hashes, so it is called outside of any transaction. Raises `Busy`."""
    vault = house.service(Vault)
    recipe = Recipe.of(vault.hasher.profile)
    return vault.pool.run(network or object(), lambda: codes.new_set(recipe))


def keep(unit: Unit, user_id: Any, new: NewSet) -> None:
    """Keep a set; the one before ends. The user is locked."""
    renewed = forget(unit, user_id) > 0
    recipe, moment = new.recipe, clock.now()
    row = {"salt": recipe.salt, "memory": recipe.memory, "passes": recipe.passes, "lanes": recipe.lanes}
    unit.execute(sa.insert(unit.tables["recovery_code_sets"]).values(row | {"user_id": user_id, "created_at": moment}))
    rows = [{"user_id": user_id, "digest": digest} for digest in sorted(new.digests.values())]
    unit.execute(sa.insert(unit.tables["recovery_codes"]), rows)
    factors.note(unit, user_id, METHOD)
    unit.publish(RecoveryCodesMade(user_id=user_id, renewed=renewed, at=moment))


def renew(house: House, owner: Owner) -> list[str]:
    """Make a new set; answers its codes, which nobody can see again. Raises `Forbidden` for somebody without another
    factor, `NotLoggedIn`, `TooManyAttempts`, `Busy`."""
    login.admit(house, owner.client, "recovery_codes")
    if not factors.own(house, owner.user_id):
        raise Forbidden(NO_FACTOR)
    new = prepare(house, owner.client.network)
    house.run(partial(_renew, owner=owner, new=new))
    return new.codes


def _renew(unit: Unit, owner: Owner, new: NewSet) -> None:
    factors.lock(unit, owner)
    if not enrolled_factors(unit.house, unit.session, owner.user_id):
        raise Forbidden(NO_FACTOR)  # removed in this moment
    removed.keep_all(unit, owner.user_id, METHOD)
    factors.carry_sessions(unit, owner.user_id)
    keep(unit, owner.user_id, new)


def enrolled(source: Any, schema: Schema, user_id: Any) -> Sequence[Enrolled]:
    """The person's set, if there is one."""
    sets, each = schema.tables["recovery_code_sets"], schema.tables["recovery_codes"]
    made = source.execute(sa.select(sets.c.created_at).where(sets.c.user_id == user_id)).scalar()
    if made is None:
        return []
    columns = sa.func.count().label("all"), sa.func.count(each.c.spent_at).label("spent"), sa.func.max(each.c.spent_at)
    total, spent, last = source.execute(sa.select(*columns).where(each.c.user_id == user_id)).one()
    return [Enrolled(id=METHOD, method=METHOD, name=str(LABEL), created_at=made, last_used_at=last, left=total - spent)]


def forget(unit: Unit, user_id: Any) -> int:
    """Take the person's set; says how many codes there were."""
    sets, each = unit.tables["recovery_code_sets"], unit.tables["recovery_codes"]
    unit.execute(sa.delete(sets).where(sets.c.user_id == user_id))
    return int(unit.execute(sa.delete(each).where(each.c.user_id == user_id)).rowcount)


def take(unit: Unit, user_id: Any, _set: str) -> int:
    """The same: there is only one set."""
    return forget(unit, user_id)


def checking(house: House, given: Given) -> Check:
    """A check for the road: one of the person's codes that wasn't used. One password hash, whatever was typed."""

    def check(attempt: Attempt) -> Proof:
        user_id = attempt.user.id if attempt.user else None
        recipe = _recipe(house, user_id)
        if recipe is None:
            raise InvalidCredentials()
        vault, typed = house.service(Vault), codes.normal(given.code.reveal() if given.code else "")
        digest = vault.pool.run(attempt.client.network or object(), lambda: recipe.digest(typed))
        if not house.run(partial(_spend, user_id=user_id, digest=digest, locked=attempt.locked)):
            raise InvalidCredentials()
        return Proof(user_id, METHOD, Kind.POSSESSION, clock.now())

    return check


def _recipe(house: House, user_id: Any) -> Recipe | None:
    sets = house.store.tables["recovery_code_sets"]
    columns = sets.c.salt, sets.c.memory, sets.c.passes, sets.c.lanes
    with house.read() as connection:
        row = connection.execute(sa.select(*columns).where(sets.c.user_id == user_id)).first()
    return Recipe(*row) if row else None


def _spend(unit: Unit, user_id: Any, digest: bytes, locked: bool) -> bool:
    """Of two parallel spenders exactly one wins (judged by the row count). A locked try spends nothing: else a thief
    who guesses would burn the owner's codes."""
    each, moment = unit.tables["recovery_codes"], clock.now()
    mine = (each.c.user_id == user_id) & (each.c.digest == digest) & each.c.spent_at.is_(None)
    mine &= sa.false() if locked else sa.true()
    if unit.execute(sa.update(each).where(mine).values(spent_at=moment)).rowcount != 1:
        return False
    left = unit.execute(
        sa.select(sa.func.count()).select_from(each).where(each.c.user_id == user_id, each.c.spent_at.is_(None))
    ).scalar_one()
    unit.publish(RecoveryCodeUsed(user_id=user_id, left=left, at=moment))
    return True
