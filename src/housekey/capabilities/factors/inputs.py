"""What people send to prove, and to name, a second factor."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from housekey.kernel.secret import Secret

NAME_LENGTH = 60
FactorName = Annotated[str, Meta(title="Name", min_length=1, max_length=NAME_LENGTH)]


class ChallengeInput(Struct, kw_only=True):
    """A factor that the challenge names, and its code."""

    method: Annotated[str, Meta(title="Method", max_length=40, examples=["otp"])]
    code: Annotated[Secret, Meta(title="Code")]


class Shown(Struct, kw_only=True):
    """By which factor to prove oneself; the strongest if it isn't said."""

    method: Annotated[str, Meta(max_length=40)] = ""


class RenameInput(Struct, kw_only=True):
    """What to call it."""

    name: FactorName
