"""What people send to get back in."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.kernel.secret import Secret
from housekey.web.mailed import Code, LinkToken


class ForgotInput(Struct, kw_only=True):
    """The address of the account."""

    email: Annotated[str, Meta(title="E-mail address", max_length=254)]


class ResetForm(Struct, kw_only=True):
    """The code of the mail, where the link wasn't opened, and a new password."""

    code: Code | None = None
    password: Annotated[Secret, Meta(title="New password")]


class ResetInput(ResetForm, kw_only=True):
    """The token of the link or the code beside it, and a new password."""

    token: LinkToken | None = None
