"""How addresses are confirmed. Whether new accounts need it is `HOUSEKEY_REGISTRATION_VERIFICATION`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from housekey.settings import setting


@dataclass(frozen=True)
class VerificationSettings:
    """`HOUSEKEY_VERIFICATION_…`."""

    section = "verification"

    link_lifetime: timedelta = setting(timedelta(hours=24), "How long the link to confirm an address works.")
    required: bool = setting(
        False,
        "Whether everybody must have confirmed their address to log in: also those whom your own code has made or who "
        "were imported. They are asked on the way in.",
    )
