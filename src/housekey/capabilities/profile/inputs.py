"""What people send to change their profile. What is left out stays as it is."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from housekey.capabilities.registration.settings import name_mode, username_mode
from housekey.house import House
from housekey.kernel.texts import ENGLISH
from housekey.web.fields import merge
from housekey.web.profiles import changes_struct, extra_fields
from housekey.web.settings import HouseSettings

_Username = Annotated[str, Meta(title="Username", max_length=64)]
_TimeZone = Annotated[str, Meta(title="Time zone", max_length=64, examples=["Europe/Madrid"])]


class ProfileChange(Struct, kw_only=True):
    """What is to change; a field that is left out stays as it is."""

    time_zone: _TimeZone | UnsetType | None = UNSET


class Name(Struct, kw_only=True):
    """What to call the person; null goes back to the username or the address."""

    name: Annotated[str, Meta(title="Name", max_length=100)] | UnsetType | None = UNSET


class NeededName(Struct, kw_only=True):
    """The same where the host's column is never empty."""

    name: Annotated[str, Meta(title="Name", min_length=1, max_length=100)] | UnsetType = UNSET


class Username(Struct, kw_only=True):
    """A username that one may also do without."""

    username: _Username | UnsetType | None = UNSET


class NeededUsername(Struct, kw_only=True):
    """A username that one can't do without."""

    username: Annotated[_Username, Meta(min_length=1)] | UnsetType = UNSET


def change_input(house: House) -> type[Struct]:
    """The struct of this app: what its `User` can hold, and what its host has declared."""
    struct: type[Struct] = merge(ProfileChange, _language_of(house.settings[HouseSettings].languages or (ENGLISH,)))
    for part in _parts(house):
        struct = merge(struct, part)
    return struct


def _parts(house: House) -> list[type[Struct]]:
    extra = extra_fields()
    declared = [] if extra is None else [changes_struct(extra)]
    return [*_NAMES[name_mode(house)], *_USERNAMES[username_mode(house)], *declared]


_NAMES: dict[str, list[type[Struct]]] = {"off": [], "optional": [Name], "required": [NeededName]}
_USERNAMES: dict[str, list[type[Struct]]] = {"off": [], "optional": [Username], "required": [NeededUsername]}


@lru_cache(maxsize=64)
def _language_of(offered: tuple[str, ...]) -> type[Struct]:
    """The languages of this site and no others, so that OpenAPI lists them too."""
    kind = Annotated[Literal[offered], Meta(title="Language")] | None | UnsetType  # type: ignore[valid-type]
    return msgspec.defstruct("Language", [("language", kind, UNSET)], kw_only=True)


def given(data: Struct, *names: str) -> dict[str, Any]:
    """What was sent of these fields."""
    found = {name: getattr(data, name, UNSET) for name in names}
    return {name: value for name, value in found.items() if value is not UNSET}
