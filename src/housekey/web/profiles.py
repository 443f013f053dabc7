"""The fields that a host adds to its users' profiles: declared once, shown in page, JSON and OpenAPI.

    @accounts.registration_fields
    class Extra(msgspec.Struct):
        company: Annotated[str, Meta(title="Company", max_length=80)]

Each lands in the column of the same name of the host's `User`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Union

import msgspec
from msgspec import UNSET, UnsetType
from msgspec import inspect as shapes

from housekey.errors import ConfigurationError, InvalidInput
from housekey.kernel.texts import Text
from housekey.web.fields import Field, fields_of
from housekey.web.here import state


def extra_fields() -> type[msgspec.Struct] | None:
    """The struct that the host has declared, if any."""
    found: type[msgspec.Struct] | None = state().extra_fields
    return found


def extra_names() -> tuple[str, ...]:
    """The names of its fields, which are columns of `User`: see `check_fields`."""
    struct = extra_fields()
    return () if struct is None else struct.__struct_fields__


def check_fields() -> None:
    """Raises `ConfigurationError` for a declared field that is no column of `User`."""
    schema = state().house.store.schema
    for name in extra_names():
        if name not in schema.mapper.columns:
            raise ConfigurationError(
                f"registration_fields: {schema.user.__name__} has no column {name!r}. Add it, or leave the field out."
            )


def profile_of(connection: Any, user_id: Any) -> dict[str, Any]:
    """What a user has in those columns."""
    names = extra_names()
    return state().house.store.column_values(connection, user_id, names) if names else {}


@lru_cache(maxsize=64)
def changes_struct(struct: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """The host's fields for a change: each may be left out, and then stays as it is. The rules of each field hold;
    those between fields are asked by `check_together`."""
    fields: list[tuple[str, Any, Any]] = [
        (field.name, Union[field.type, UnsetType], msgspec.field(name=field.json_name, default=UNSET))  # noqa: UP007
        for field in fields_of(struct)
    ]
    return msgspec.defstruct(struct.__name__, fields, kw_only=True)


def column_values(data: msgspec.Struct) -> dict[str, Any]:
    """What was sent for the host's fields, as their columns take it; nothing for what was left out."""
    found = {name: getattr(data, name) for name in extra_names()}
    columns = state().house.store.schema.mapper.columns
    return {name: _for_column(columns[name], value) for name, value in found.items() if value is not UNSET}


def _for_column(column: Any, value: Any) -> Any:
    """A date for a Date column, a member for an Enum column; what the column has no type for, as JSON has it."""
    try:
        fits = isinstance(value, column.type.python_type)
    except NotImplementedError:  # a type of the host's own, which doesn't say
        fits = False
    return value if fits else msgspec.to_builtins(value)


def check_together(stored: Mapping[str, Any], data: msgspec.Struct) -> None:
    """The rules between the host's fields (`__post_init__`), asked of the profile as it will be.

    Raises `InvalidInput`.
    """
    struct = extra_fields()
    sent = {name: value for name in extra_names() if (value := getattr(data, name)) is not UNSET}
    if struct is None or not sent or not hasattr(struct, "__post_init__"):
        return
    try:
        struct(**{**stored, **sent})
    except ValueError as error:
        raise InvalidInput.of("", "invalid_format", Text(str(error))) from None


def shown_fields(stored: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The host's fields as `declared_field` of the macros draws them, with what is `stored`."""
    struct, values = extra_fields(), stored or {}
    return [] if struct is None else [_shown(field, values.get(field.name)) for field in fields_of(struct)]


def _shown(field: Field, stored: Any) -> dict[str, Any]:
    return {
        "value": "" if stored is None else msgspec.to_builtins(stored, enc_hook=str),
        "name": field.json_name,
        "label": field.title,
        "type": _input_type(field),
        "required": field.required,
        "hint": field.example or "",
        "choices": _choices(field),
        "several": field.is_list,
    }


SHORT = 255
"""Characters: a field that takes no more is one line, whatever its column could hold."""


def _input_type(field: Field) -> str:
    if field.is_flag:
        return "checkbox"
    if any(isinstance(kind, shapes.DateType) for kind in field.held):
        return "date"
    if field.is_number:
        return "number"
    return "long_text" if _is_long(field) else "text"


def _is_long(field: Field) -> bool:
    """Whether a person may write several lines: a `Text` column says so, unless the field itself is short."""
    limits = [kind.max_length for kind in field.held if isinstance(kind, shapes.StrType)]
    is_short = not limits or any(most is not None and most <= SHORT for most in limits)
    return not is_short and state().house.store.schema.takes_long_text(field.name)


def _choices(field: Field) -> list[tuple[str, str]]:
    """With an empty one where nothing needs to be chosen: a browser would choose the first."""
    found = [(choice, choice) for choice in choices_of(field)]
    return [("", "–"), *found] if found and field.nullable and not field.is_list else found


def choices_of(field: Field) -> list[str]:
    """The values that a `Literal` or an `Enum` allows, or a list of these."""
    for kind in field.held:
        if isinstance(kind, shapes.LiteralType):
            return [str(value) for value in kind.values]
        if isinstance(kind, shapes.EnumType):
            return [str(member.value) for member in kind.cls]
    return []
