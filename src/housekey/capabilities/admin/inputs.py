"""What those who manage users send."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from housekey.web.inputs import Cursor

RoleName = Annotated[str, Meta(min_length=1, max_length=80)]


State = Literal["", "active", "disabled", "frozen", "closing", "locked", "unverified"]
Sort = Literal["newest", "oldest", "name", "email", "last_login"]


class Search(Struct, kw_only=True):
    """Which users to show, and in which order."""

    query: Annotated[str, Meta(max_length=254, description="A part of the name, the username or the address.")] = ""
    state: State = ""
    role: Annotated[str, Meta(max_length=80, description="Only those who have this role.")] = ""
    sort: Sort = "newest"
    after: Cursor = ""


class UserChange(Struct, kw_only=True):
    """What is to change; a field that is left out stays as it is."""

    disabled: Annotated[bool, Meta(title="Disabled")] | UnsetType = UNSET
    frozen: (
        Annotated[bool, Meta(title="Frozen", description="False lifts the freeze that the owner has asked for.")]
        | UnsetType
    ) = UNSET
    closing: (
        Annotated[bool, Meta(title="Closing", description="True closes the account, false keeps it.")] | UnsetType
    ) = UNSET
    roles: (
        Annotated[list[RoleName], Meta(title="Roles", max_length=200, description="All that the user is to have.")]
        | UnsetType
    ) = UNSET


Action = Literal["disable", "enable", "end_sessions", "send_reset_link"]


UserKey = Annotated[str, Meta(min_length=1, max_length=254)]


class Selected(Struct, kw_only=True):
    """What to do, and to whom: nobody yet, where no box was ticked."""

    action: Action | None = None
    ids: Annotated[list[UserKey], Meta(max_length=100)] = []


class BulkInput(Struct, kw_only=True):
    """The same, at last."""

    action: Action
    ids: Annotated[list[UserKey], Meta(title="Users", min_length=1, max_length=100, description="Their keys.")]
