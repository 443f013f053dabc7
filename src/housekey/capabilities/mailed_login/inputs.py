"""What people send to log in by mail."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.web.mailed import Code, LinkToken


class MailLoginInput(Struct, kw_only=True):
    """The address of the account."""

    email: Annotated[str, Meta(title="E-mail address", max_length=254)]


class MailLoginForm(MailLoginInput, kw_only=True):
    """The same, what to do then, and the page to go on to."""

    remember: Annotated[bool, Meta(title="Keep me logged in")] = False
    next: Annotated[str, Meta(max_length=2000)] | None = None


class CodeForm(Struct, kw_only=True):
    """The code of the mail, where its link wasn't opened."""

    code: Code | None = None


class MailedLoginInput(CodeForm, kw_only=True):
    """The token of the link or the code beside it."""

    token: LinkToken | None = None
    remember: Annotated[bool, Meta(title="Keep me logged in")] | None = None


class StepUpInput(Struct, kw_only=True):
    """The code of the mail."""

    code: Code


class StepUpForm(StepUpInput, kw_only=True):
    """The same, and the page to go on to."""

    next: Annotated[str, Meta(max_length=2000)] | None = None


class NextForm(Struct, kw_only=True):
    """Nothing but where to go on to."""

    next: Annotated[str, Meta(max_length=2000)] | None = None
