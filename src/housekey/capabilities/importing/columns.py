"""What a file may say about a user: our columns, and those of the host's own `User`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
import sqlalchemy as sa

from housekey.capabilities.importing.faults import LineFault
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.house import House

OURS = ("email", "username", "name", "password_hash", "password_format", "email_verified", "roles", "disabled")
NAMES = ("email", "username", "name")


def known_columns(house: House) -> dict[str, sa.Column[Any]]:
    """The host's columns that a file may fill, by the names of their attributes; neither the key nor old hashes."""
    schema, legacy = house.store.schema, house.settings[PasswordSettings].legacy_column
    left_out = {legacy, *(name for name, column in schema.mapper.columns.items() if column.primary_key)}
    discriminator = schema.mapper.polymorphic_on
    return {
        name: column
        for name, column in schema.mapper.columns.items()
        if name not in left_out and isinstance(column, sa.Column) and column is not discriminator
    }


def unknown_column(house: House, line: int, name: str, known: Collection[str]) -> LineFault:
    """A column that nothing here takes."""
    if name == "password":
        text = "Passwords themselves are never imported."
        cure = "If the column holds hashes, call it password_hash."
        return LineFault(line, name, "unknown_column", text, cure)
    user = house.store.schema.user.__name__
    text = f"There is no such column. {_these(known)}"
    cure = f"Rename it, add the column to {user}, or leave it out with --ignore NAME."
    return LineFault(line, name, "unknown_column", text, cure)


def no_header(known: Collection[str]) -> LineFault:
    """A first line of which nothing is a column: most likely it is a person, so it isn't repeated."""
    text = f"The first line names no column that there is. {_these(known)}"
    cure = "Put the columns' names there, in small letters, such as email,username,name,password_hash."
    return LineFault(1, "", "no_header", text, cure)


def _these(known: Collection[str]) -> str:
    return f"These are taken: {', '.join(dict.fromkeys([*_ours(known), *known]))}."


def taken(known: Collection[str]) -> frozenset[str]:
    """Every name that a file may use."""
    return frozenset([*_ours(known), *known])


def _ours(known: Collection[str]) -> list[str]:
    return [name for name in OURS if name not in NAMES or name in known]


def value_of(column: sa.Column[Any], given: Any) -> Any:
    """What a cell means in a column of this type. Raises `ValueError` with what it should be."""
    if isinstance(column.type, sa.JSON):
        return msgspec.json.decode(given) if isinstance(given, str) else given
    try:
        kind = column.type.python_type
    except NotImplementedError:
        return given
    if isinstance(column.type, sa.Enum):
        return _choice(column.type, given)
    if kind is str and not isinstance(given, str):
        raise ValueError("a text")
    try:
        return msgspec.convert(given, kind, strict=False)
    except (msgspec.ValidationError, TypeError, ValueError):
        raise ValueError(_called(kind)) from None


def _choice(choices: sa.Enum, given: Any) -> Any:
    """A member of an enum class by its name, else by its value; of plain choices the text itself."""
    wanted = ValueError(f"one of {', '.join(map(str, choices.enums))}")
    if choices.enum_class is None:
        if given in choices.enums:
            return given
        raise wanted
    if isinstance(given, str) and given in choices.enum_class.__members__:
        return choices.enum_class[given]
    try:
        return msgspec.convert(given, choices.enum_class, strict=False)
    except msgspec.ValidationError:
        raise wanted from None


def _called(kind: type) -> str:
    words = {
        "str": "a text",
        "int": "a whole number",
        "float": "a number",
        "Decimal": "a number",
        "bool": "true or false",
    }
    times = {"date": "a date such as 2026-01-31", "datetime": "a time such as 2026-01-31T12:00:00Z"}
    return (words | times).get(kind.__name__, f"a {kind.__name__}")


def defaults_itself(column: sa.Column[Any]) -> bool:
    """Whether an empty cell is better left out: the model or the database fills it."""
    return column.default is not None or column.server_default is not None


def must_be_filled(column: sa.Column[Any]) -> bool:
    """NOT NULL, and nothing fills it."""
    return not column.nullable and not defaults_itself(column) and column.table.autoincrement_column is not column
