"""The verbs of authenticator apps: set one up, confirm it, rename it, remove it; and the check on the road."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.factors import actions as factors
from housekey.capabilities.factors import confirming, removing
from housekey.capabilities.factors.actions import Owner
from housekey.capabilities.factors.events import FactorRenamed
from housekey.capabilities.recovery_codes.actions import keep, prepare
from housekey.capabilities.recovery_codes.codes import NewSet
from housekey.capabilities.totp import apps, codes
from housekey.capabilities.totp.settings import TotpSettings
from housekey.capabilities.totp.tables import WAITS_FOR
from housekey.errors import Conflict, InvalidCredentials, InvalidInput, NotFound
from housekey.house import House, Unit
from housekey.kernel import clock, tokens
from housekey.kernel.secret import Secret
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Enrolled, Given, Kind, Proof
from housekey.login.pipeline import Check

MOST = 10
"""Apps of one account: each code is tried with all of them, so that more would make guessing easier."""
APP = _("Authenticator app")
WRONG = _("This isn't the code that the app shows now. Wait for the next one; see that the phone's clock is right.")
BLANK = _("Give it a name that you know it by.")
TOO_MANY = _("You have {count} authenticator apps already. Remove one first.", count=MOST)


@dataclass(frozen=True)
class Beginning:
    """An app that is being set up. The seed is shown to its owner, and to nobody else."""

    id: str
    seed: bytes = field(repr=False)


def begin(house: House, owner: Owner) -> Beginning:
    """Make a seed, which counts for nothing until a code confirms it; one that was begun before is given up. Raises
    `Conflict`, `UnconfirmedAddress`, `MailedCodeNeeded` and `NotLoggedIn`."""
    confirming.refuse_unless_read(house, owner)
    new = Beginning(tokens.new_public_id(), codes.new_seed())
    house.run(partial(_begin, owner=owner, new=new))
    return new


def _begin(unit: Unit, owner: Owner, new: Beginning) -> None:
    """Under the lock: of parallel ones each gives up those before it, so that no more than one waits."""
    factors.lock_to_add(unit, owner)
    if len(apps.enrolled(unit.session, unit.schema, owner.user_id)) >= MOST:
        raise Conflict(TOO_MANY)
    keep_beginning(unit, owner.user_id, new)


def keep_beginning(unit: Unit, user_id: Any, new: Beginning) -> None:
    """Instead of one that was begun before. The user is locked."""
    table = unit.tables["authenticator_apps"]
    unit.execute(sa.delete(table).where(table.c.user_id == user_id, table.c.confirmed_at.is_(None)))
    row = {"id": new.id, "user_id": user_id, "name": "", "last_step": 0, "created_at": clock.now()}
    unit.execute(sa.insert(table).values(row | {"seed": unit.house.sealer.seal(new.seed, apps.place(new.id))}))


def beginning(house: House, user_id: Any, app_id: str) -> Beginning:
    """The app that a person is setting up. Raises `NotFound`."""
    table = house.store.tables["authenticator_apps"]
    mine = (table.c.id == app_id) & (table.c.user_id == user_id) & table.c.confirmed_at.is_(None)
    with house.read() as connection:
        seed = connection.scalar(sa.select(table.c.seed).where(mine, table.c.created_at > clock.now() - WAITS_FOR))
    if seed is None:
        raise NotFound()
    return Beginning(app_id, house.sealer.open(seed, apps.place(app_id)))


@dataclass(frozen=True)
class Confirmed:
    """An app that works. `recovery_codes`: with the first factor, to be shown this once."""

    app: Enrolled
    recovery_codes: Sequence[str] | None = field(repr=False)


def confirm(house: House, owner: Owner, app_id: str, code: Secret, name: str = "") -> Confirmed:
    """Enrol an app by the code that it shows, which is used up by that. Raises `NotFound`, `Busy`, `MailedCodeNeeded`,
    and `InvalidInput` for `code`."""
    confirming.refuse_unless_read(house, owner)
    begun, moment = beginning(house, owner.user_id, app_id), clock.now()
    step = codes.matching_step(begun.seed, code.reveal(), moment, house.settings[TotpSettings].drift_steps)
    if step is None:
        raise InvalidInput.of("code", "wrong_code", WRONG)
    app = named(app_id, name, moment)
    codes_for_first = None if factors.own(house, owner.user_id) else prepare(house, owner.client.network)
    return house.run(partial(_confirm, owner=owner, app=app, step=step, new=codes_for_first))


def named(app_id: str, name: str, moment: datetime) -> Enrolled:
    """A new app by the name that its owner gives."""
    return Enrolled(id=app_id, method=apps.METHOD, name=name.strip() or str(APP), created_at=moment)


def _confirm(unit: Unit, owner: Owner, app: Enrolled, step: int, new: NewSet | None) -> Confirmed:
    first = factors.add(unit, owner, app, partial(enrol, unit, owner.user_id, app, step))
    if not first or new is None:
        return Confirmed(app, None)
    keep(unit, owner.user_id, new)
    return Confirmed(app, new.codes)


def enrol(unit: Unit, user_id: Any, app: Enrolled, step: int) -> None:
    """From now on the app counts. Raises `NotFound`."""
    table = unit.tables["authenticator_apps"]
    mine = (table.c.id == app.id) & (table.c.user_id == user_id) & table.c.confirmed_at.is_(None)
    values = {"name": app.name, "confirmed_at": app.created_at, "last_step": step}
    if unit.execute(sa.update(table).where(mine).values(values)).rowcount != 1:
        raise NotFound()  # confirmed, or given up, in this moment


def one(house: House, user_id: Any, app_id: str) -> Enrolled:
    """One of a person's apps. Raises `NotFound`."""
    with house.read() as connection:
        return apps.one(connection, house.store.schema, user_id, app_id)


def rename(house: House, owner: Owner, app_id: str, name: str) -> Enrolled:
    """Call an app otherwise. Raises `NotFound`, and `InvalidInput` for `name`."""
    wanted = name.strip()
    if not wanted:
        raise InvalidInput.of("name", "missing", BLANK)
    return house.run(partial(_rename, owner=owner, app_id=app_id, name=wanted))


def _rename(unit: Unit, owner: Owner, app_id: str, name: str) -> Enrolled:
    table = unit.tables["authenticator_apps"]
    app = apps.one(unit.session, unit.schema, owner.user_id, app_id)
    unit.execute(sa.update(table).where(table.c.id == app.id, table.c.user_id == owner.user_id).values(name=name))
    unit.publish(FactorRenamed(user_id=owner.user_id, method=app.method, name=name, at=clock.now()))
    return apps.one(unit.session, unit.schema, owner.user_id, app_id)


def remove(house: House, owner: Owner, app_id: str) -> Enrolled:
    """Forget an app. Raises `NotFound`, and `Conflict` as `removing.remove` does."""

    def find(unit: Unit) -> Enrolled:
        return apps.one(unit.session, unit.schema, owner.user_id, app_id)

    return removing.remove(house, owner, find, lambda unit, app: _take(unit, owner, app))


def _take(unit: Unit, owner: Owner, app: Enrolled) -> None:
    if apps.take(unit, owner.user_id, app.id) != 1:
        raise NotFound()


def checking(house: House, given: Given) -> Check:
    """A check for the road: the code that one of the person's apps shows now and that was never used."""

    def check(attempt: Attempt) -> Proof:
        user_id, moment = attempt.user.id if attempt.user else None, clock.now()
        drift, typed = house.settings[TotpSettings].drift_steps, given.code.reveal() if given.code else ""
        for app_id, seed in apps.seeds(house, user_id):
            if not given.may_be_by(app_id):
                continue
            step = codes.matching_step(seed, typed, moment, drift)
            if step is not None and not attempt.locked and house.run(partial(apps.spend, app_id=app_id, step=step)):
                return Proof(user_id, apps.METHOD, Kind.POSSESSION, moment)
        raise InvalidCredentials()

    return check
