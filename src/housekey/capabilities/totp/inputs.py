"""What people send about an authenticator app."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.capabilities.factors.inputs import NAME_LENGTH
from housekey.kernel.secret import Secret


class ConfirmTotpInput(Struct, kw_only=True):
    """The code that the app shows, and what to call it."""

    code: Annotated[Secret, Meta(title="Code")]
    name: Annotated[str, Meta(title="Name", max_length=NAME_LENGTH)] = ""
