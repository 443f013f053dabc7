"""Whether registration can fill the host's `User`: better told at the first request than to the first person who
registers."""

from __future__ import annotations

import inspect
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

CURE = (
    "Give it a default, make it nullable, ask for it (@accounts.registration_fields), or close registration "
    "(HOUSEKEY_REGISTRATION_OPEN = False)."
)


def check_columns(house: House) -> None:
    """Raise `ConfigurationError` for a NOT NULL column of `User` that nothing fills."""
    settings, schema = house.settings[RegistrationSettings], house.store.schema
    if not settings.open:
        return
    given = {"email", *(["username"] if username_mode(house) == "required" else []), *_extra()}
    _check_constructor(schema, given)
    unfilled = [name for name, column in schema.mapper.columns.items() if _must_be_filled(schema.mapper, column)]
    if not given.issuperset(unfilled) and not _host_listens(schema.mapper):
        lacking = [name for name in unfilled if name not in given | _set_by_constructor(schema, given)]
        if lacking:
            raise ConfigurationError(_told(schema.user.__name__, lacking[0]))


def _told(user: str, name: str) -> str:
    if name == "username":
        return (
            f"Registration is open, {user}.username is NOT NULL, and people may register without one. "
            'Set HOUSEKEY_REGISTRATION_USERNAME = "required", or make the column nullable.'
        )
    return f"Registration is open, and nothing fills {user}.{name}, which is NOT NULL. {CURE}"


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


def _check_constructor(schema: Schema, given: set[str]) -> None:
    empty = inspect.Parameter.empty
    parameters = inspect.signature(schema.user).parameters.values()
    needed = [p.name for p in parameters if p.default is empty and p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
    if lacking := [name for name in needed if name not in given]:
        raise ConfigurationError(
            f"Registration is open, and {schema.user.__name__}.__init__ needs {', '.join(lacking)}. Give the arguments "
            "defaults, or close registration (HOUSEKEY_REGISTRATION_OPEN = False)."
        )


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
