"""What people send who say: this wasn't me."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.kernel.secret import Secret
from housekey.web.mailed import LinkToken


class FreezeInput(Struct, kw_only=True):
    """The token of the link."""

    token: LinkToken


class RestoreForm(Struct, kw_only=True):
    """The password from before, and a new one."""

    password: Annotated[Secret, Meta(title="Former password", description="Valid before what the notice tells of.")]
    new: Annotated[Secret, Meta(title="New password")]


class RestoreInput(RestoreForm, kw_only=True):
    """The token of the link, the password from before, and a new one."""

    token: LinkToken
