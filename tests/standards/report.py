"""Which requirements of OWASP ASVS 5 are met, and which test shows it: `make asvs`.

Tests are collected, not run; one that failed when it ran last is named as failing and meets nothing.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from rig.asvs import Requirement, claims, deviations, requirements

TESTS = Path(__file__).parent.parent
LEVELS = (1, 2, 3)


class Collector:
    """A pytest plugin that notes which test claims which requirement."""

    def __init__(self) -> None:
        self.tests: dict[str, set[str]] = defaultdict(set)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        cache = session.config.cache
        failed = cache.get("cache/lastfailed", {}) if cache else {}
        for item in session.items:
            name = item.nodeid.partition("[")[0] + (" (FAILS)" if item.nodeid in failed else "")
            for number in claims(item):
                self.tests[number].add(name)


def collect() -> dict[str, set[str]]:
    """The tests that claim each requirement."""
    collector, output = Collector(), io.StringIO()
    with contextlib.redirect_stdout(output):
        status = pytest.main(["--collect-only", "-n0", str(TESTS)], plugins=[collector])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        sys.exit(output.getvalue())
    return collector.tests


def met(tests: set[str]) -> bool:
    return bool(tests) and not any(name.endswith("(FAILS)") for name in tests)


def show(row: Requirement, tests: set[str]) -> None:
    words = {"yes": f"not yet ({row.why})", "host": f"the host's ({row.why})", "no": f"not about us ({row.why})"}
    told = [f"docs/security.md: {deviations()[row.id]}"] if row.id in deviations() else []
    lines = [*sorted(tests), *told] or [words[row.applies]]
    print(f"{row.id:<8} {row.level}  {row.applies:<5} {lines[0]}")
    for line in lines[1:]:
        print(" " * 18 + line)


def summary(rows: list[Requirement], tests: dict[str, set[str]]) -> None:
    print()
    for level in LEVELS:
        ours = [row for row in rows if row.level == level and row.applies == "yes"]
        now = [row for row in ours if not row.when]
        done = [row for row in now if met(tests[row.id])]
        written = [row for row in now if row not in done and row.id in deviations()]
        told = f"{len(done)} of {len(now)} met, {len(written)} deviate"
        print(f"level {level}: {told}; {len(ours) - len(now)} more wait for their feature")


def main() -> None:
    rows, tests = list(requirements().values()), collect()
    print("id       L  for   met by")
    for row in rows:
        show(row, tests[row.id])
    summary(rows, tests)


if __name__ == "__main__":
    main()
