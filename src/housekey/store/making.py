"""A new object of the host's `User`, whatever its constructor looks like."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from housekey.store.schema import Schema


def new_user(schema: Schema, values: Mapping[str, Any]) -> Any:
    """`User(**values)`; what the constructor doesn't take is set on the object.

    The columns of `UserMixin` are no fields of a host's dataclass, and old tutorials write `__init__` by hand.
    Raises `TypeError` if the constructor needs what `values` don't have.
    """
    parameters = inspect.signature(schema.user).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return schema.user(**values)
    taken = {parameter.name for parameter in parameters}
    user = schema.user(**{name: value for name, value in values.items() if name in taken})
    for name, value in values.items():
        if name not in taken:
            setattr(user, name, value)
    return user
