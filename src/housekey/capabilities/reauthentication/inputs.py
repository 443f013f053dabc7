"""What people send to prove again who they are."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.kernel.secret import Secret


class PasswordInput(Struct, kw_only=True):
    """The password once more."""

    password: Annotated[Secret, Meta(title="Password")]


class PasswordForm(PasswordInput, kw_only=True):
    """The same, and the page to go on to."""

    next: str | None = None
