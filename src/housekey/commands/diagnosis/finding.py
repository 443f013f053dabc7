"""What a doctor finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Level = Literal["ok", "warn", "fail"]
OK: Final = "ok"
WARN: Final = "warn"
"""Worth a look: right in some set-ups, wrong in others."""
FAIL: Final = "fail"
"""Unsafe or broken."""


@dataclass(frozen=True)
class Finding:
    """One line of the report; `cure` says what to do, and is empty where nothing is to be done."""

    level: Level
    subject: str
    text: str
    cure: str = ""
