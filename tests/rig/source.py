"""The code of src/housekey as trees, for promises about all of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).parents[2] / "src" / "housekey"


@cache
def modules() -> dict[str, ast.Module]:
    """By name, without the package's own: "web.csrf"; migrations, which are history, are left out."""
    files = [file for file in HOUSE.rglob("*.py") if "migrations" not in file.parts]
    return {_name(file): ast.parse(file.read_text()) for file in files}


def _name(file: Path) -> str:
    return ".".join(file.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__")


def imports(tree: ast.Module) -> Iterator[str]:
    """What a module imports, wherever in it, but for what only type checkers read: "hmac", "http.client"."""
    for node in _run(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def importers(*packages: str) -> set[str]:
    """The modules that import one of these packages, or a part of it."""
    wanted = tuple(f"{package}." for package in packages)
    return {name for name, tree in modules().items() if any(f"{it}.".startswith(wanted) for it in imports(tree))}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Module, what is called as it stands there ("re.compile"), and the call itself."""
    for name, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                yield name, ast.unparse(node.func), node


def _run(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from _run(node)
