"""Whose rows a table holds: what of them a person gets to read, and what becomes of them when the person goes.

Every table says so where it is defined, `schema.table(…, about=…)`, column by column: nobody can add a table or a
column and forget the export or the erasing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.base import Executable

from housekey.errors import ConfigurationError

Row = Mapping[str, Any]


@dataclass(frozen=True)
class OfNobody:
    """Rows that say nothing about a user; `why` they don't."""

    why: str


@dataclass(frozen=True, kw_only=True)
class OfUser:
    """Rows about users. Each column but the subject's stands in `exported` or in `withheld`.

    exported  what the person gets to read
    withheld  what not: secrets, digests, and what means something to Housekey only. Binary columns always belong here
    shape     what the person reads of a row, where that isn't its exported columns as they are
    subject   the column that names the person, by a foreign key or by the key as text
    since     the column that says when a row was made, where rows outlive their person: databases give the number of a
              deleted user to the next one
    address   a column that may hold the person's e-mail address in rows that name nobody; they go with the person, too
    kept      why the rows stay when the person goes; otherwise they are deleted
    forget    for rows that stay: the statement that takes the person out of them, by the key of the user
    """

    exported: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    shape: Callable[[Row], Row] | None = None
    subject: str = "user_id"
    since: str | None = None
    address: str | None = None
    kept: str | None = None
    forget: Callable[[sa.Table, Any], Executable] | None = None


About = OfUser | OfNobody
HOW = (
    "Say `about=OfUser(exported=(…), withheld=(…))` for rows about users, with each column in one of the two (what a "
    'person may read of them, and secrets), or `about=OfNobody("why")`. Both come from housekey.store.personal.'
)


def check(table: sa.Table, about: About | None) -> About:
    """Raise `ConfigurationError` for a table that doesn't say what becomes of each of its columns."""
    if about is None:
        raise ConfigurationError(f"The table {table.name} doesn't say whose rows it holds. {HOW}")
    wrong = _faults(table, about)
    if wrong:
        raise ConfigurationError(f"The table {table.name} doesn't say it right: {'; '.join(wrong)}. {HOW}")
    return about


def _faults(table: sa.Table, about: About) -> list[str]:
    if isinstance(about, OfNobody):
        return ["it refers to a user, so it isn't about nobody"] if "user_id" in table.c else []
    columns, said = {column.name for column in table.c}, [about.subject, *about.exported, *about.withheld]
    binary = {name for name in about.exported if name in columns and isinstance(table.c[name].type, sa.LargeBinary)}
    found = {
        "nothing is said of": columns - set(said),
        "there is no column": set(said) - columns,
        "said twice:": {name for name in said if said.count(name) > 1},
        "secrets and digests are not exported:": binary,
    }
    wrong = [f"{what} {', '.join(sorted(names))}" for what, names in found.items() if names]
    if (about.kept is None) != (about.forget is None):
        wrong.append("`kept`, why rows stay, and `forget`, what takes the person out of them, go together")
    return wrong
