"""From how many refused logins on a mailed code is asked for, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from housekey.settings import setting


@dataclass(frozen=True)
class StuffingSettings:
    """`HOUSEKEY_STUFFING_…`."""

    section = "stuffing"

    refusals_per_minute: int | None = setting(
        60,
        "From so many refused logins a minute on, on the whole site, a password alone logs in only browsers that the "
        "account knows; others are asked for a mailed code, too. 0 or None: never.",
        source="our judgement: where one login in ten is mistyped, 600 people a minute log in; busier sites raise it",
        at_least=0,
    )
    calm_after: timedelta = setting(
        timedelta(minutes=10),
        "It ends so long after less than half as many were last refused a minute.",
        at_least=timedelta(minutes=2),
    )
