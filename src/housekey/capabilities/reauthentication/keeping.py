"""The verbs of kept forms: keep one, look at it, send it on. Nobody but its session ever finds it."""

from __future__ import annotations

from functools import partial
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.reauthentication import forms
from housekey.capabilities.reauthentication.forms import KeptForm
from housekey.capabilities.reauthentication.settings import ReauthenticationSettings
from housekey.capabilities.reauthentication.tables import WAITS_FOR
from housekey.errors import FormGone
from housekey.house import House, Unit
from housekey.kernel import clock, tokens
from housekey.kernel.sealing import Place, SealError
from housekey.login.events import SessionEnded
from housekey.web.interrupted import Keeper, Sent

MOST = 5
"""Forms of one session, the newest: people have several tabs, and nobody fills the table."""


class KeptForms(Keeper):
    """Where the guards bring a form that must wait."""

    def __init__(self, house: House) -> None:
        self._house = house

    def keep(self, user_id: Any, session_id: str, sent: Sent) -> str | None:
        never = self._house.settings[ReauthenticationSettings].never_keep
        encoded = forms.kept(sent, never)
        if encoded is None:
            return None
        return self._house.run(partial(_keep, user_id=user_id, session_id=session_id, encoded=encoded))

    def waiting(self, user_id: Any, session_id: str) -> str | None:
        table = self._house.store.tables["kept_forms"]
        fresh = table.c.created_at > clock.now() - WAITS_FOR
        mine = (table.c.user_id == user_id) & (table.c.session_id == session_id) & fresh
        newest = sa.select(table.c.id).where(mine).order_by(table.c.created_at.desc()).limit(1)
        with self._house.read() as connection:
            found = connection.execute(newest).scalar()
        return None if found is None else str(found)


def _place(form_id: str) -> Place:
    return Place("housekey_kept_forms", "form", form_id)


def _keep(unit: Unit, user_id: Any, session_id: str, encoded: bytes) -> str:
    table, form_id = unit.tables["kept_forms"], tokens.new_public_id()
    mine = (table.c.session_id == session_id) & (table.c.user_id == user_id)
    known = unit.scalars(sa.select(table.c.id).where(mine).order_by(table.c.created_at.desc())).all()
    unit.execute(sa.delete(table).where(table.c.id.in_(known[MOST - 1 :])))
    sealed = unit.house.sealer.seal(encoded, _place(form_id))
    row = {"id": form_id, "user_id": user_id, "session_id": session_id, "form": sealed, "created_at": clock.now()}
    unit.execute(sa.insert(table).values(row))
    return form_id


def _mine(table: sa.Table, user_id: Any, session_id: str, form_id: str) -> sa.ColumnElement[bool]:
    waits = table.c.created_at > clock.now() - WAITS_FOR
    return sa.and_(table.c.id == form_id, table.c.user_id == user_id, table.c.session_id == session_id, waits)


def look(house: House, *, user_id: Any, session_id: str, form_id: str) -> KeptForm:
    """A form of this very session. Raises `FormGone`, for another's too (flaw 47)."""
    table = house.store.tables["kept_forms"]
    with house.read() as connection:
        sealed = connection.scalar(sa.select(table.c.form).where(_mine(table, user_id, session_id, form_id)))
    if sealed is None:
        raise FormGone()
    try:
        return forms.opened(house.sealer.open(sealed, _place(form_id)))
    except SealError:  # the key has changed meanwhile
        raise FormGone() from None


def take(house: House, *, user_id: Any, session_id: str, form_id: str) -> KeptForm:
    """The same, for the last time: of two who send it in the same moment one does. Raises `FormGone`."""
    form = look(house, user_id=user_id, session_id=session_id, form_id=form_id)
    table = house.store.tables["kept_forms"]
    mine = sa.delete(table).where(_mine(table, user_id, session_id, form_id))
    if house.run(lambda unit: unit.execute(mine).rowcount) != 1:
        raise FormGone()
    return form


def start(house: House) -> None:
    """Forms are kept for the guards of all views, and end with their session (flaw 59)."""
    house.provide(KeptForms(house), Keeper)
    house.events.on(SessionEnded, partial(_forget, house))


def _forget(house: House, event: SessionEnded, session: Any) -> None:
    table = house.store.tables["kept_forms"]
    gone = sa.delete(table).where(table.c.session_id.in_(event.session_ids))
    session.execute(gone, bind_arguments=house.store.bind_arguments)
