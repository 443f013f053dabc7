"""Somebody who has rows in every table that is about people, and the search for what is left of them."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from housekey.capabilities.roles import actions as roles
from housekey.house import Unit
from housekey.kernel import clock
from housekey.store.types import UtcDateTime
from rig.people import house_of

MARK = "Ann-was-here"
"""Stands in every text of the rows that `fill` makes."""
HUSH = "Hush-hush"
"""The same in what is withheld from her."""
ROLE = "annalist"
SHORT = 8
"""What is no longer than this may well be found in a document by chance."""


def fill(app: Flask, user_id: Any) -> list[str]:
    """Give the user a row in every table about people that has none, each column filled; answers all that is withheld
    of the user, as JSON would write it."""
    house = house_of(app)
    with app.app_context(), house.write() as unit:
        roles.create(unit, ROLE)
        for noun in house.store.schema.personal:
            if not _rows(unit, noun, user_id):
                unit.execute(sa.insert(unit.tables[noun]).values(_row(unit, noun, user_id)))
        return [text for noun in house.store.schema.personal for text in _withheld(unit, noun, user_id)]


def _rows(unit: Unit, noun: str, user_id: Any) -> list[Any]:
    table, about = unit.tables[noun], unit.schema.personal[noun]
    subject = table.c[about.subject]
    mine = subject == (user_id if subject.foreign_keys else str(user_id))
    return list(unit.execute(sa.select(table).where(mine)).mappings())


def _row(unit: Unit, noun: str, user_id: Any) -> dict[str, Any]:
    withheld = unit.schema.personal[noun].withheld
    columns = [column for column in unit.tables[noun].c if column.name != "user_id"]
    return {"user_id": user_id} | {c.name: _value(c, HUSH if c.name in withheld else MARK) for c in columns}


def _value(column: sa.Column[Any], word: str) -> Any:
    """One that fits the column's type, and that a search finds."""
    if column.foreign_keys:
        return ROLE
    for kind, value in _VALUES.items():
        if isinstance(column.type, kind):
            return value(word)
    return f"{word}-{column.name}"[: getattr(column.type, "length", None)]


_VALUES: dict[type, Any] = {
    UtcDateTime: lambda word: clock.now() + timedelta(hours=1),
    sa.LargeBinary: lambda word: word.encode().ljust(32, b"!"),
    sa.Boolean: lambda word: True,
    sa.Integer: lambda word: 7,
    sa.JSON: lambda word: [word],
}


def _withheld(unit: Unit, noun: str, user_id: Any) -> list[str]:
    about = unit.schema.personal[noun]
    values = [row[name] for row in _rows(unit, noun, user_id) for name in about.withheld]
    texts = [base64.b64encode(value).decode() if isinstance(value, bytes) else value for value in values]
    return [text for text in texts if isinstance(text, str) and len(text) > SHORT]


def left_of(app: Flask, values: list[str]) -> set[str]:
    """The tables, the host's own among them, in which one of these values stands anywhere."""
    house = house_of(app)
    found = set()
    with app.app_context(), house.read() as connection:
        for table in house.store.schema.metadata.tables.values():
            for row in connection.execute(sa.select(table)):
                if any(value in _text(part) for part in row for value in values):
                    found.add(table.name.removeprefix("housekey_"))
    return found


def _text(part: Any) -> str:
    return part.decode("latin-1") if isinstance(part, bytes) else str(part)
