"""Hashes that an older app keeps in a column of its own `User`: `HOUSEKEY_PASSWORDS_LEGACY_COLUMN`."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_app_context

from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.errors import ConfigurationError
from housekey.house import House
from housekey.store.schema import Schema
from housekey.web.here import EXTENSION


def check_column(house: House) -> None:
    """Raise `ConfigurationError` for a column that `User` doesn't have: nobody could log in."""
    legacy, schema = house.settings[PasswordSettings].legacy_column, house.store.schema
    if legacy is not None and legacy not in schema.mapper.columns:
        raise ConfigurationError(
            f"HOUSEKEY_PASSWORDS_LEGACY_COLUMN = {legacy!r}: {schema.user.__name__} has no such column. It has: "
            f"{', '.join(schema.mapper.columns.keys())}."
        )


def inserting(schema: Schema, user: Any) -> None:
    """A new user has no hash in that column, which is NOT NULL in most older apps. The empty text is no hash of any
    password."""
    house = _house_of(schema)
    legacy = house.settings[PasswordSettings].legacy_column if house is not None else None
    column = schema.mapper.columns.get(legacy) if legacy is not None else None
    if column is None or column.nullable or column.default is not None or getattr(user, str(legacy)) is not None:
        return
    setattr(user, str(legacy), b"" if column.type.python_type is bytes else "")


def _house_of(schema: Schema) -> House | None:
    """The house of the running app, if these are its users; scripts may insert without any app."""
    state = current_app.extensions.get(EXTENSION) if has_app_context() else None
    return state.house if state is not None and state.house.store.schema is schema else None
