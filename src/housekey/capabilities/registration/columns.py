"""Whether registration can fill the host's `User`: better told at the first request than to the first person who
registers, and better to whoever invites than to whoever is invited."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper

from housekey.capabilities.registration.settings import RegistrationSettings, username_mode
from housekey.errors import ConfigurationError
from housekey.house import House
from housekey.store.making import new_user
from housekey.store.schema import Schema
from housekey.store.user_model import Hooks
from housekey.web.fields import fields_of
from housekey.web.profiles import extra_fields

CURE = "Give it a default, make it nullable, or ask for it (@accounts.registration_fields)"
OR_CLOSE = "or close registration (HOUSEKEY_REGISTRATION_OPEN = False)"


def check_columns(house: House) -> None:
    """Where registration is open, raise `ConfigurationError` for a NOT NULL column of `User` that nothing fills."""
    settings = house.settings[RegistrationSettings]
    if settings.open and (found := unfilled(house)):
        raise ConfigurationError(f"Registration is open, and {found.what}. {found.cure}, {OR_CLOSE}.")


@dataclass(frozen=True)
class Unfilled:
    """What keeps everybody from registering."""

    what: str
    cure: str


def unfilled(house: House) -> Unfilled | None:
    """The first column of `User`, or argument of its `__init__`, that must be filled and that nothing fills."""
    schema = house.store.schema
    given = {"email", *(["username"] if username_mode(house) == "required" else []), *_extra()}
    return _by_constructor(schema, given) or _by_columns(schema, given)


def _by_columns(schema: Schema, given: set[str]) -> Unfilled | None:
    needed = [name for name, column in schema.mapper.columns.items() if _must_be_filled(schema.mapper, column)]
    if given.issuperset(needed) or _host_listens(schema.mapper):
        return None
    lacking = [name for name in needed if name not in given | _set_by_constructor(schema, given)]
    return _told(schema.user.__name__, lacking[0]) if lacking else None


def _told(user: str, name: str) -> Unfilled:
    if name == "username":
        cure = 'Set HOUSEKEY_REGISTRATION_USERNAME = "required", or make the column nullable'
        return Unfilled(f"{user}.username is NOT NULL, and people may register without one", cure)
    return Unfilled(f"nothing fills {user}.{name}, which is NOT NULL", CURE)


def _host_listens(mapper: Mapper[Any]) -> bool:
    """Whether the host fills columns just before the INSERT, which can't be known; one listener is our own."""
    return len(list(mapper.dispatch.before_insert)) > 1


def _extra() -> list[str]:
    """The host's declared fields that always have a value."""
    struct = extra_fields()
    return [field.name for field in fields_of(struct) if not field.nullable] if struct is not None else []


def _must_be_filled(mapper: Mapper[Any], column: Any) -> bool:
    if not isinstance(column, sa.Column) or column.nullable:
        return False
    by_database = column.server_default is not None or column is column.table.autoincrement_column
    by_mapper = column is mapper.polymorphic_on or column is mapper.version_id_col
    return not (column.default is not None or by_database or by_mapper)


def _by_constructor(schema: Schema, given: set[str]) -> Unfilled | None:
    empty = inspect.Parameter.empty
    parameters = inspect.signature(schema.user).parameters.values()
    needed = [p.name for p in parameters if p.default is empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    lacking = [name for name in needed if name not in given]
    what = f"{schema.user.__name__}.__init__ needs {', '.join(lacking)}"
    return Unfilled(what, "Give the arguments defaults") if lacking else None


def _set_by_constructor(schema: Schema, given: set[str]) -> set[str]:
    """What the host's `__init__` and our own hook fill; everything, if it can't be tried with made-up values."""
    names = {"email": "somebody@example.org", "username": "somebody"}
    try:
        user = new_user(schema, {name: names.get(name) for name in given})
        if Hooks.inserting is not None:
            Hooks.inserting(schema, user)
    except Exception:
        return set(schema.mapper.columns.keys())
    return {name for name, value in sa.inspect(user).dict.items() if value is not None}
