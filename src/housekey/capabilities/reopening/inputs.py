"""What people send who open a frozen account by a second factor."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.factors.inputs import Credential, SignedText
from housekey.kernel.secret import Secret
from housekey.web.mailed import LinkToken

Method = Annotated[str, Meta(title="Method", max_length=40, examples=["otp"])]
Code = Annotated[Secret, Meta(title="Code")]
NewPassword = Annotated[Secret, Meta(title="New password", description="May be left out where no password is set.")]


class LinkInput(Struct, kw_only=True):
    """The token of the link."""

    token: LinkToken


class ReopeningOptionsInput(Struct, kw_only=True):
    """The token of the link; without it, the link that this browser has opened."""

    token: LinkToken = ""


class ReopenForm(Struct, kw_only=True):
    """A factor from before, its code or what a passkey has signed, and a new password."""

    method: Method
    code: Code | None = None
    credential: SignedText | None = None
    new: NewPassword | None = None


class ReopenInput(Struct, kw_only=True):
    """The same, and the token of the link."""

    token: LinkToken
    method: Method
    code: Code | None = None
    credential: Credential | None = None
    new: NewPassword | None = None
