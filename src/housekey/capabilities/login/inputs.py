"""What people send to log in."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.kernel.secret import Secret


class LoginInput(Struct, kw_only=True):
    """Who you are, and your password."""

    identifier: Annotated[str, Meta(title="E-mail or username", min_length=1, max_length=254)]
    password: Annotated[Secret, Meta(title="Password")]
    remember: Annotated[bool, Meta(title="Keep me logged in")] = False


class LoginForm(LoginInput, kw_only=True):
    """The same, and the page to go on to."""

    next: str | None = None


class LogoutForm(Struct, kw_only=True):
    """Nothing but where to go on to."""

    next: str | None = None
