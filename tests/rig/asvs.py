"""The `asvs` marker: which requirements of OWASP ASVS 5 a test shows to be met.

Only ids stand here; the text of the standard is © OWASP Foundation. `why` is our own judgement of what applies.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TABLE = Path(__file__).parent.parent / "standards" / "asvs5_ids.csv"
DEVIATIONS = Path(__file__).parents[2] / "docs" / "security.md"
_ROW = re.compile(r"^\| ((?:\d+\.\d+\.\d+(?:, )?)+) \| (.+) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Requirement:
    """One row: `applies` is "yes" (Housekey must meet it), "host" (the app or its deployment does) or "no"."""

    id: str
    level: int
    applies: str
    why: str

    @property
    def when(self) -> str:
        """The feature that must exist before this row counts ("AS" in "IF-AS: …"), or nothing."""
        return self.why.partition(":")[0].removeprefix("IF-") if self.why.startswith("IF-") else ""


@cache
def requirements() -> dict[str, Requirement]:
    """Every requirement of the standard, by id, in its order."""
    with TABLE.open(newline="") as file:
        rows = [Requirement(row["id"], int(row["level"]), row["applies"], row["why"]) for row in csv.DictReader(file)]
    return {row.id: row for row in rows}


def claims(item: pytest.Item) -> list[str]:
    """The ids that a test says it shows."""
    return [number for marker in item.iter_markers("asvs") for number in marker.args]


def unknown_claims(item: pytest.Item) -> list[str]:
    """What a test claims to show that the standard doesn't have."""
    return [number for number in claims(item) if number not in requirements()]


@cache
def deviations() -> dict[str, str]:
    """What users are told of rows that aren't met, or not to the letter: by id, from the page on security."""
    return {number: text for ids, text in _ROW.findall(DEVIATIONS.read_text()) for number in ids.split(", ")}
