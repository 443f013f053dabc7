"""What people send about passwords."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.kernel.secret import Secret


class ChangeInput(Struct, kw_only=True):
    """The current password and the new one."""

    current: Annotated[Secret, Meta(title="Current password")]
    new: Annotated[Secret, Meta(title="New password")]


class FirstInput(Struct, kw_only=True):
    """A password, for somebody who has none."""

    new: Annotated[Secret, Meta(title="New password")]


class RatingInput(Struct, kw_only=True):
    """A password that somebody thinks of choosing."""

    password: Annotated[Secret, Meta(title="Password")]


class Rating(Struct, kw_only=True):
    """How hard a password is to guess; `score` is null where the site has no meter."""

    score: Annotated[int, Meta(ge=0, le=4)] | None = None
    word: str = ""
    reason: str = ""


class Suggestion(Struct, kw_only=True):
    """A passphrase of random words."""

    passphrase: str
