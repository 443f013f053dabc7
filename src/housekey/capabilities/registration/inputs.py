"""What people send to register: our fields, and those that the host has declared."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.registration.settings import username_mode
from housekey.house import House
from housekey.kernel.secret import Secret
from housekey.web.fields import merge
from housekey.web.profiles import extra_fields

Username = Annotated[str, Meta(title="Username", max_length=64)]


class RegisterInput(Struct, kw_only=True):
    """An e-mail address and a password."""

    email: Annotated[str, Meta(title="E-mail address", max_length=254, extra_json_schema={"format": "email"})]
    name: Annotated[str, Meta(title="Name", max_length=100)] | None = None
    password: Annotated[Secret, Meta(title="Password")]


class WithUsername(RegisterInput, kw_only=True):
    """The same, with a username if wished."""

    username: Username | None = None


class WithRequiredUsername(RegisterInput, kw_only=True):
    """The same, with a username."""

    username: Username


class Next(Struct, kw_only=True):
    """The page to go on to."""

    next: Annotated[str, Meta(max_length=2000)] | None = None


_BASES: dict[str, type[RegisterInput]] = {
    "off": RegisterInput,
    "optional": WithUsername,
    "required": WithRequiredUsername,
}


def register_input(house: House) -> type[Struct]:
    """The struct of this app."""
    base = _BASES[username_mode(house)]
    return _merged(base, extra_fields())


def register_form(house: House) -> type[Struct]:
    """The same, and the page to go on to."""
    return merge(register_input(house), Next)


@lru_cache(maxsize=64)
def _merged(base: type[RegisterInput], extra: type[Struct] | None) -> type[Struct]:
    return base if extra is None else merge(base, extra)
