"""Whether and how people leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from housekey.settings import setting


@dataclass(frozen=True)
class LeavingSettings:
    """`HOUSEKEY_LEAVING_…`."""

    section = "leaving"

    open: bool = setting(True, "Whether people may close their own account. Closed: 403.")
    delay: timedelta = setting(
        timedelta(days=7),
        "How long a closing account can still be kept before it is erased; 0: it is erased at once.",
        at_least=timedelta(0),
        at_most=timedelta(days=365),
    )
