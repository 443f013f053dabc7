"""How an address becomes an account's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from housekey.settings import setting


@dataclass(frozen=True)
class EmailSettings:
    """`HOUSEKEY_EMAILS_…`."""

    section = "emails"

    link_lifetime: timedelta = setting(
        timedelta(hours=24), "How long the link works that a new address is confirmed by.", source="ASVS 6.4.1"
    )
    several: bool = setting(
        False, "Whether an account may have further addresses, each confirmed, to log in with and to get back in by."
    )
