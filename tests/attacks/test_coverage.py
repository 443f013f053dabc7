"""Every flaw that this project promises not to have is shown to be absent by some test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent.parent
PROMISED = {*range(1, 21), *range(30, 36), 38, 39, *range(40, 49), *range(56, 62)}
"""Flaws that other account systems really had, by the numbers that comments name (flaw 40)."""


def each_test(file: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node


def named_by(test: ast.FunctionDef) -> Iterator[int]:
    """The arguments of its `@pytest.mark.flaw(…)`."""
    for decorator in test.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.flaw":
            yield from (ast.literal_eval(argument) for argument in decorator.args)


def test_every_flaw_is_named_by_a_test():
    named = {number for file in TESTS.rglob("test_*.py") for test in each_test(file) for number in named_by(test)}
    assert PROMISED - named == set()
