"""What people send to confirm an address."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.kernel.secret import Secret
from housekey.web.mailed import Code, LinkToken


class CodeInput(Struct, kw_only=True):
    """The code of the mail."""

    code: Code


class VerifyForm(Struct, kw_only=True):
    """The code of the mail where its link wasn't opened; a password for an account that somebody else had begun."""

    code: Code | None = None
    password: Annotated[Secret, Meta(title="New password")] | None = None


class VerifyInput(VerifyForm, kw_only=True):
    """The same, or the token of the link."""

    token: LinkToken | None = None
