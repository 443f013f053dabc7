"""What a removed factor was. A thief removes the owner's to be rid of them; whoever gets the account back gets them
back, too.

They prove nothing meanwhile. Most factors are removed because a phone is lost, and a lost phone reads the mailbox: with
the link “This wasn't me” and the very app that was removed for it, a finder would take the account over. So the former
password, or a factor that stayed, opens the account, and only then comes back what was removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey.capabilities.notices.settings import NoticeSettings
from housekey.house import Unit
from housekey.kernel import clock
from housekey.kernel.sealing import Place, SealError
from housekey.kernel.tokens import new_public_id
from housekey.login import Enrolled, Factor

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""The rows of a factor by the nouns of their tables, sealed columns opened, without their owner."""


def keep(unit: Unit, user_id: Any, *, factor: Factor, factor_id: str) -> None:
    """Called while the factor is still there, and before its removal raises `security_version`. One whose secret no key
    opens isn't kept: it proves nothing any more."""
    try:
        rows = {noun: _read(unit, noun, user_id, factor_id) for noun in factor.kept_in}
    except SealError:
        return
    if any(rows.values()):
        _note(unit, user_id, factor.method, factor_id, rows)


def keep_all(unit: Unit, user_id: Any, *methods: str) -> None:
    """The same for all that a person has, or all of these methods."""
    for factor in unit.house.factors:
        if methods and factor.method not in methods:
            continue
        for one in factor.enrolled(unit.session, unit.schema, user_id):
            keep(unit, user_id, factor=factor, factor_id=one.id)


def _read(unit: Unit, noun: str, user_id: Any, factor_id: str) -> list[dict[str, Any]]:
    table, sealed = unit.tables[noun], unit.schema.sealed.get(noun, ())
    columns = [column for column in table.c if column.name != "user_id"]
    rows = [dict(row) for row in unit.execute(sa.select(*columns).where(_mine(table, user_id, factor_id))).mappings()]
    for row in rows:
        row |= {name: unit.house.sealer.open(row[name], Place(table.name, name, row["id"])) for name in sealed}
    return rows


def _mine(table: sa.Table, user_id: Any, factor_id: str) -> sa.ColumnElement[bool]:
    """Without an id of its own, a person has one of it at most."""
    mine: sa.ColumnElement[bool] = table.c.user_id == user_id
    return mine & (table.c.id == factor_id) if "id" in table.c else mine


def _note(unit: Unit, user_id: Any, method: str, factor_id: str, rows: Rows) -> None:
    additions, accounts = unit.tables["factor_additions"], unit.tables["accounts"]
    noted = (additions.c.user_id == user_id) & (additions.c.factor_id == factor_id)
    since = unit.execute(sa.select(additions.c.version).where(noted)).scalar() or 0
    now = unit.execute(sa.select(accounts.c.security_version).where(accounts.c.user_id == user_id)).scalar_one()
    row_id = new_public_id()
    kept = unit.house.sealer.seal(msgspec.msgpack.encode(rows), _place(row_id))
    row = {"id": row_id, "user_id": user_id, "method": method, "factor_id": factor_id, "removed_at": clock.now()}
    row |= {"since": since, "last_version": now, "kept": kept}
    unit.execute(sa.insert(unit.tables["removed_factors"]).values(row))


def _place(row_id: str) -> Place:
    return Place("housekey_removed_factors", "kept", row_id)


def put_back(unit: Unit, user_id: Any, version: int) -> list[Enrolled]:
    """Give a person what was there under that `security_version` and was removed since; says what came back. Of what
    somebody has set up again meanwhile nothing does."""
    table, kept_for = unit.tables["removed_factors"], unit.house.settings[NoticeSettings].undo_lifetime
    mine = (table.c.user_id == user_id) & (table.c.last_version >= version)
    there = mine & (table.c.since <= version) & (table.c.removed_at > clock.now() - kept_for)
    found = unit.execute(sa.select(table).where(there).order_by(table.c.last_version, table.c.removed_at)).all()
    back = [one for row in found for one in _put_back(unit, user_id, row)]
    unit.execute(sa.delete(table).where(mine))
    return back


def _put_back(unit: Unit, user_id: Any, row: Any) -> list[Enrolled]:
    factor = next((one for one in unit.house.factors if one.method == row.method), None)
    try:
        rows = msgspec.msgpack.decode(unit.house.sealer.open(row.kept, _place(row.id)))
        with unit.session.begin_nested():
            for noun in factor.kept_in if factor else ():
                _write(unit, noun, user_id, rows.get(noun, ()))
            _date(unit, user_id, row)
    except (IntegrityError, SealError):
        return []
    mine = factor.enrolled(unit.session, unit.schema, user_id) if factor else ()
    return [one for one in mine if one.id == row.factor_id]


def _write(unit: Unit, noun: str, user_id: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    table, sealed = unit.tables[noun], unit.schema.sealed.get(noun, ())
    for row in rows:
        values = {name: value for name, value in row.items() if name in table.c}  # a release may have dropped one
        values |= {name: unit.house.sealer.seal(row[name], Place(table.name, name, row["id"])) for name in sealed}
        unit.execute(sa.insert(table).values(values | {"user_id": user_id}))


def _date(unit: Unit, user_id: Any, row: Any) -> None:
    """Since when it has been there, as it was: a link of later than that leaves it alone."""
    noted = {"user_id": user_id, "factor_id": row.factor_id, "version": row.since}
    unit.execute(sa.insert(unit.tables["factor_additions"]).values(noted))


def forget(unit: Unit, user_id: Any) -> None:
    """Nothing comes back any more: another one has the last word."""
    table = unit.tables["removed_factors"]
    unit.execute(sa.delete(table).where(table.c.user_id == user_id))
