"""What those who manage users send."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

RoleName = Annotated[str, Meta(min_length=1, max_length=80)]


class Search(Struct, kw_only=True):
    """Which users to show."""

    query: Annotated[str, Meta(max_length=254, description="A part of the name, the username or the address.")] = ""
    page: Annotated[int, Meta(ge=1, le=1_000_000, description="Which page of 50, from 1.")] = 1


class UserChange(Struct, kw_only=True):
    """What is to change; a field that is left out stays as it is."""

    disabled: Annotated[bool, Meta(title="Disabled")] | UnsetType = UNSET
    frozen: (
        Annotated[bool, Meta(title="Frozen", description="False lifts the freeze that the owner has asked for.")]
        | UnsetType
    ) = UNSET
    roles: (
        Annotated[list[RoleName], Meta(title="Roles", max_length=200, description="All that the user is to have.")]
        | UnsetType
    ) = UNSET
