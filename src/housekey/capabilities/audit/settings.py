"""How long the audit log is kept, and what signs it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from housekey.settings import setting
from housekey.web.known_keys import refuse_weak


@dataclass(frozen=True)
class AuditSettings:
    """`HOUSEKEY_AUDIT_…`."""

    section = "audit"

    keep_for: timedelta = setting(
        timedelta(days=400),
        "How long entries stay. They go by whole segments of a day, when the last entry of one is older than this.",
        source="PCI DSS 10.5.1: at least twelve months",
        at_least=timedelta(days=1),
    )
    key: str | None = setting(
        None,
        "Signs the log, and is made into one key more than an attacker finds in the database. Default: SECRET_KEY.",
        secret=True,
    )
    key_fallbacks: tuple[str, ...] = setting(
        (), "Former keys of the log; what they have signed can still be verified.", secret=True
    )

    def __post_init__(self) -> None:
        refuse_weak("HOUSEKEY_AUDIT_KEY", self.key)
