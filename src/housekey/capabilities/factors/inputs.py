"""What people send to prove, and to name, a second factor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, Struct

from housekey.kernel.secret import Secret

SECOND_FACTOR = "second_factor"
"""What a login that waits for one is asked for, in JSON."""
NAME_LENGTH = 60
FactorName = Annotated[str, Meta(title="Name", min_length=1, max_length=NAME_LENGTH)]


Credential = Annotated[
    dict[str, Any],
    Meta(title="Passkey", description="What `credential.toJSON()` of the browser gives (WebAuthn §5.1), base64url."),
]
SignedText = Annotated[str, Meta(title="Passkey", max_length=32_000)]
"""The same as JSON, in a field of a form."""


class ChallengeInput(Struct, kw_only=True):
    """A factor that the challenge names, and its code or, for a passkey, its credential; `name`: what to call a new
    one."""

    method: Annotated[str, Meta(title="Method", max_length=40, examples=["otp"])]
    code: Annotated[Secret, Meta(title="Code")] | None = None
    credential: Credential | None = None
    name: Annotated[str, Meta(title="Name", max_length=NAME_LENGTH)] = ""
    trust_device: Annotated[bool, Meta(title="Don't ask on this device for a while")] = False


class ChallengeForm(Struct, kw_only=True):
    """The same, as a page sends it."""

    method: Annotated[str, Meta(title="Method", max_length=40)]
    code: Annotated[Secret, Meta(title="Code")] | None = None
    credential: SignedText | None = None
    name: Annotated[str, Meta(title="Name", max_length=NAME_LENGTH)] = ""
    trust_device: Annotated[bool, Meta(title="Don't ask on this device for a while")] = False


def signed(text: str | None) -> Mapping[str, Any] | None:
    """A credential out of a form; what can't be read is one that proves nothing."""
    try:
        found = json.loads(text) if text else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else None if text is None else {}


class SetUpCodeInput(Struct, kw_only=True):
    """The code of the mail."""

    code: Annotated[str, Meta(title="Code from the mail", max_length=100)]


class Shown(Struct, kw_only=True):
    """By which factor to prove oneself; the strongest if it isn't said."""

    method: Annotated[str, Meta(max_length=40)] = ""


class RenameInput(Struct, kw_only=True):
    """What to call it."""

    name: FactorName
