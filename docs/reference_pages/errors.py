"""Every refusal and every fault of a field, with its code."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

import housekey
from housekey.errors import Refused
from housekey.web import faults, problems
from housekey.web.operations import EXTRA_MEMBERS
from reference_pages.markdown import code, page, table


def errors_page() -> str:
    intro = (
        'JSON answers are problem details (RFC 9457): `{"type": "about:blank", "title": …, "status": …, "code": …}`, '
        "as `application/problem+json`. Judge by `code`, which doesn't change; `title` is a sentence for people, in "
        "their language."
    )
    return page("Errors", intro, _error_parts())


def _error_parts() -> Iterator[str]:
    yield "## Refusals"
    yield table(("Code", "Status", "Text", "Class", "Further members"), map(_refusal, refusals(Refused)))
    yield "## What Flask itself refuses"
    ours = {error.code for error in refusals(Refused)}
    rows = [
        (code(name), str(status), str(text)) for status, (name, text) in problems.HTTP_CODES.items() if name not in ours
    ]
    yield table(("Code", "Status", "Text"), rows)
    yield "## Faults of fields"
    yield 'Under `fields` of `invalid_input`: `{"email": [{"code": …, "text": …}]}`. Any field may bear:'
    yield table(("Code", "Meaning"), [(code(name), meaning) for name, meaning in faults.CODES.items()])
    yield "And where a verb says more:"
    yield table(("Code", "Text", "Told by"), [(code(c), text, origin) for c, text, origin in field_faults()])


def refusals(kind: type[Refused]) -> list[type[Refused]]:
    """Every kind of refusal of Housekey's own, in the order of the tree."""
    found = [] if kind is Refused else [kind]
    below = [k for k in kind.__subclasses__() if k.__module__.startswith("housekey.")]
    return found + [each for child in below for each in refusals(child)]


def _refusal(kind: type[Refused]) -> Sequence[str]:
    members = next((extra for parent, extra in EXTRA_MEMBERS.items() if issubclass(kind, parent)), {})
    return code(kind.code), str(kind.status), str(kind.text), code(kind.__name__), ", ".join(map(code, members))


def field_faults() -> list[tuple[str, str, str]]:
    """Code, text and place of every fault that the source names: `Fault("code", _("text"))` and its like."""
    found: dict[tuple[str, str, str], None] = {}
    root = Path(housekey.__file__).parent
    for path in sorted([*root.glob("capabilities/*/*.py"), root / "kernel" / "names.py"]):
        tree = ast.parse(path.read_text())
        origin = "names" if path.name == "names.py" else path.parent.name
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            named = _fault_in(call)
            if named is not None:
                found[named[0], _sentence(tree, named[1]), origin] = None
    return sorted(found)


def _fault_in(call: ast.Call) -> tuple[str, ast.expr] | None:
    written = ast.unparse(call.func)
    skip = {"Fault": 0, "Reason": 0, "InvalidInput.of": 1}.get(written)
    given = call.args[skip:] if skip is not None else []
    if len(given) == 2 and isinstance(given[0], ast.Constant):
        return str(given[0].value), given[1]
    return None


def _sentence(tree: ast.Module, text: ast.expr) -> str:
    """The literal of `_("…")`, there or where the name was assigned."""
    if isinstance(text, ast.Name):
        given = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == text.id
        ]
        return _sentence(tree, given[0]) if given else ""
    first = text.args[0] if isinstance(text, ast.Call) and text.args else None
    return str(first.value) if isinstance(first, ast.Constant) else ""
