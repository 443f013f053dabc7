"""How codes of authenticator apps are judged."""

from __future__ import annotations

from dataclasses import dataclass

from housekey.settings import setting


@dataclass(frozen=True)
class TotpSettings:
    """`HOUSEKEY_TOTP_…`."""

    section = "totp"

    drift_steps: int = setting(
        1,
        "How many steps of 30 seconds a phone's clock may be off, either way. Each step's code works once.",
        source="RFC 6238 §5.2 and §6; ASVS 6.5.5 asks for 30 seconds in all, which phones' clocks miss",
        at_least=0,
        at_most=2,
    )
