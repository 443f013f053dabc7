"""How often links are sent, and how long their codes live. The lifetimes of links stand with their flows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from housekey.settings import setting


@dataclass(frozen=True)
class LinkSettings:
    """`HOUSEKEY_LINKS_…`."""

    section = "links"

    pause: timedelta = setting(
        timedelta(minutes=10), "Who asks for the same mail again within this time gets none: the first one still works."
    )
    at_most: int = setting(3, "How many links of one purpose an address may have that still work.", at_least=1)
    code_lifetime: timedelta = setting(
        timedelta(minutes=10), "How long the short code of a mail works.", source="NIST SP 800-63B-4 §3.1.3.2"
    )
    code_tries: int = setting(5, "How often a code may be typed wrongly.", at_least=1, at_most=10)
