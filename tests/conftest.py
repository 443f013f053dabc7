"""The rig of the whole suite; what it offers stands in the docstrings of `tests/rig/`."""

from __future__ import annotations

import gc
import os
import sys

import hypothesis
import pytest

from rig.asvs import unknown_claims
from rig.quick import compile_rules_once, compile_templates_once, parse_rules_once
from rig.threads import together as in_threads

# A busy machine makes a good example slow: how long things take is measured in tests of their own.
hypothesis.settings.register_profile("housekey", deadline=None)
hypothesis.settings.load_profile("housekey")

# Servers and commands are started by the hundred: without bytecode each would compile the whole house anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

compile_rules_once()
parse_rules_once()
compile_templates_once()

pytest_plugins = ["rig.browser", "rig.databases", "rig.hooks", "rig.live", "rig.logs", "rig.smtp"]


@pytest.fixture(scope="session")
def together():
    """`together(8, act)` calls `act(0)` … `act(7)` at the same moment in threads of their own; see `rig.threads`."""
    return in_threads


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "database_url" in fixtures:
            item.add_marker("data")
        if "browser" in fixtures:
            item.add_marker("services")


def pytest_collection_finish() -> None:
    """What stands now stays to the end: the garbage collector needn't look through it again and again, nor as often as
    in a process that keeps little."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if wrong := unknown_claims(item):
        pytest.fail("no such requirement in ASVS 5: " + ", ".join(wrong), pytrace=False)


def pytest_sessionfinish() -> None:
    """What a worker has measured is saved at once: one that takes longer than ten seconds to end is killed."""
    if (coverage := sys.modules.get("coverage")) and (running := coverage.Coverage.current()):
        running.save()
