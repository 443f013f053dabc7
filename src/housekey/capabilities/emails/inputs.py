"""What people send about their addresses."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.web.mailed import Code, LinkToken


class EmailInput(Struct, kw_only=True):
    """The address that is wanted."""

    email: Annotated[str, Meta(title="New e-mail address", max_length=254)]


class ConfirmForm(Struct, kw_only=True):
    """The code of the mail where its link wasn't opened."""

    code: Code | None = None


class ConfirmEmailInput(ConfirmForm, kw_only=True):
    """The token of the link, or the code beside it."""

    token: LinkToken | None = None
