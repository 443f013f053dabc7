"""Whether and how people get back in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from housekey.settings import setting


@dataclass(frozen=True)
class RecoverySettings:
    """`HOUSEKEY_RECOVERY_…`."""

    section = "recovery"

    open: bool = setting(True, "Whether people may reset a forgotten password by mail. Closed: 403.")
    link_lifetime: timedelta = setting(
        timedelta(hours=1), "How long the link to a new password works.", source="ASVS 6.4.1"
    )
