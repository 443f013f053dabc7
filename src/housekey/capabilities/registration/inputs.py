"""What people send to register: our fields, and those that the host has declared."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from housekey.capabilities.registration.settings import username_mode
from housekey.house import House
from housekey.kernel.secret import Secret
from housekey.web.fields import merge, without
from housekey.web.inputs import read_kept
from housekey.web.mailed import Code, LinkToken
from housekey.web.profiles import extra_fields, extra_names

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

    next: str | None = None


class ConfirmForm(Struct, kw_only=True):
    """The code of the mail, where its link wasn't opened."""

    code: Code | None = None


class ConfirmInput(ConfirmForm, kw_only=True):
    """The same, or the token of the link."""

    token: LinkToken | None = None


class AgainInput(Struct, kw_only=True):
    """The address that one has registered with."""

    email: Annotated[str, Meta(title="E-mail address", max_length=254)]


class WithToken(Struct, kw_only=True):
    """The token of the link."""

    token: LinkToken


_BASES: dict[str, type[RegisterInput]] = {
    "off": RegisterInput,
    "optional": WithUsername,
    "required": WithRequiredUsername,
}


def register_input(house: House) -> type[Struct]:
    """The struct of this app."""
    base = _BASES[username_mode(house)]
    return _merged(base, extra_fields())


def finish_form(house: House) -> type[Struct]:
    """What is asked of somebody who opens the link in another browser than the one that registered: all but the
    address."""
    return without(register_input(house), "email")


def finish_input(house: House) -> type[Struct]:
    """The same, and the token of the link."""
    return merge(finish_form(house), WithToken)


def kept(data: Any) -> dict[str, Any]:
    """What was typed, without the password, as JSON can keep it until the mail is read."""
    names = ("email", "name", "username", *extra_names())
    return {name: msgspec.to_builtins(getattr(data, name, None)) for name in names}


def restored(house: House, typed: Mapping[str, Any]) -> Any:
    """The same again, by the rules of today: hours may lie between, and a release of the site's. Raises
    `InvalidInput`."""
    return read_kept(without(finish_form(house), "password"), typed)


def register_form(house: House) -> type[Struct]:
    """The same, and the page to go on to."""
    return merge(register_input(house), Next)


@lru_cache(maxsize=64)
def _merged(base: type[RegisterInput], extra: type[Struct] | None) -> type[Struct]:
    return base if extra is None else merge(base, extra)
