"""How long invitations hold, and how many one person sends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from housekey.settings import setting


@dataclass(frozen=True)
class InvitationSettings:
    """`HOUSEKEY_INVITATIONS_…`."""

    section = "invitations"

    link_lifetime: timedelta = setting(timedelta(days=7), "How long an invitation can be used.")
    per_day: int = setting(
        100,
        "How many one person sends in 24 hours, those sent again included: a stolen account mails no crowd.",
        at_least=1,
        at_most=1000,
    )
