"""What those who invite send."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.admin.inputs import RoleName
from housekey.web.inputs import Cursor


class Listing(Struct, kw_only=True):
    """Which page of the open invitations."""

    after: Cursor = ""


class InviteInput(Struct, kw_only=True):
    """Whom, and with which roles."""

    email: Annotated[str, Meta(title="E-mail address", max_length=254, extra_json_schema={"format": "email"})]
    roles: Annotated[list[RoleName], Meta(title="Roles", max_length=50, description="None above your own.")] = []
