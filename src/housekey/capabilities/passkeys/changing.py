"""Rename a passkey, remove it."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.factors import actions as factors
from housekey.capabilities.factors import removing
from housekey.capabilities.factors.actions import Owner
from housekey.capabilities.factors.events import FactorRenamed
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.mailed_login.settings import MailedLoginSettings
from housekey.capabilities.passkeys import kept
from housekey.capabilities.passkeys.kept import METHOD
from housekey.errors import Conflict, InvalidInput, NotFound
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.login import Enrolled
from housekey.login.factors import firsts
from housekey.store import users

BLANK = _("Give it a name that you know it by.")
LAST = _("This passkey is your only way in. Choose a password first, or add another passkey.")


def one(house: House, user_id: Any, passkey_id: str) -> Enrolled:
    """One of a person's passkeys. Raises `NotFound`."""
    with house.read() as connection:
        return kept.one(connection, house.store.schema, user_id, passkey_id).enrolled


def rename(house: House, owner: Owner, passkey_id: str, name: str) -> Enrolled:
    """Call a passkey otherwise. Raises `NotFound`, and `InvalidInput` for `name`."""
    wanted = name.strip()
    if not wanted:
        raise InvalidInput.of("name", "missing", BLANK)
    return house.run(partial(_rename, owner=owner, passkey_id=passkey_id, name=wanted))


def _rename(unit: Unit, owner: Owner, passkey_id: str, name: str) -> Enrolled:
    table = unit.tables["passkeys"]
    factors.lock(unit, owner)
    found = kept.one(unit.session, unit.schema, owner.user_id, passkey_id)
    unit.execute(sa.update(table).where(table.c.id == found.id).values(name=name))
    unit.publish(FactorRenamed(user_id=owner.user_id, method=METHOD, name=name, at=clock.now()))
    return kept.one(unit.session, unit.schema, owner.user_id, passkey_id).enrolled


def remove(house: House, owner: Owner, passkey_id: str) -> Enrolled:
    """Forget a passkey. Raises `NotFound`, and `Conflict` for the last way in and as `removing.remove` does."""

    def find(unit: Unit) -> Enrolled:
        return kept.one(unit.session, unit.schema, owner.user_id, passkey_id).enrolled

    return removing.remove(house, owner, find, lambda unit, passkey: _take(unit, owner, passkey))


def _take(unit: Unit, owner: Owner, passkey: Enrolled) -> None:
    """The user is locked: of two that are removed at once, the second finds itself the last."""
    if not kept.take(unit, owner.user_id, passkey.id):
        raise NotFound()
    if not _has_another_way(unit, owner.user_id):
        raise Conflict(LAST)


def _has_another_way(unit: Unit, user_id: Any) -> bool:
    """Recovery codes and apps open nothing by themselves."""
    house, user = unit.house, users.by_id(unit.session, unit.schema, user_id)
    mails = house.settings[MailedLoginSettings].open and house.service(MailCarrier).way != "none"
    by_mail = mails and user is not None and bool(user.email)
    left = kept.of(unit.session, unit.schema, user_id)
    return bool(left) or by_mail or bool(firsts(house, unit.session, user_id))
