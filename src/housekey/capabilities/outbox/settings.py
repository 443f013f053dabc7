"""Who sends what waits, and for how long it is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from housekey.settings import setting


@dataclass(frozen=True)
class OutboxSettings:
    """`HOUSEKEY_OUTBOX_…`."""

    section = "outbox"

    delivery: Literal["background", "command"] = setting(
        "background",
        "Who sends what waits. “background”: a thread of each serving process. “command”: only `flask housekey "
        "deliver`.",
    )
    give_up_after: timedelta = setting(
        timedelta(days=2),
        "For how long a mail is tried again, unless its links end earlier.",
        at_least=timedelta(minutes=1),
    )
