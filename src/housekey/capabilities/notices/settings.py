"""What is told by mail, and how long it can be undone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from housekey.settings import setting


@dataclass(frozen=True)
class NoticeSettings:
    """`HOUSEKEY_NOTICES_…`."""

    section = "notices"

    new_device: bool = setting(
        True, "Whether a login from a browser that is new to the account is mailed.", source="ASVS 6.3.5"
    )
    refusals: int = setting(
        30,
        "So many refused logins to an account in a day are mailed to its owner, once a day; a lock is told apart.",
        source="ASVS 6.3.5",
        at_least=1,
        at_most=1000,
    )
    undo_lifetime: timedelta = setting(
        timedelta(days=7),
        "For how long the link “This wasn't me” of a notice works; so long the former password is kept, as a hash.",
        at_least=timedelta(hours=1),
        at_most=timedelta(days=30),
    )
