"""Every sentence is collected, and every shipped catalogue says all of them, with the same places."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from string import Formatter

import pytest

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "src" / "housekey"
MARKS = {"_", "plural"}
IN_TEMPLATES = re.compile(r"""\btn?\(\s*(?:"[^"]*"|'[^']*')\s*([^,)\s])""")


@pytest.fixture(scope="module")
def make_texts():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "docs")
        yield importlib.import_module("make_texts")


@pytest.fixture(scope="module")
def shipped(make_texts):
    return {path.parent.parent.name: make_texts.read(path) for path in make_texts.sources()}


def texts(found):
    return (found,) if isinstance(found, str) else tuple(found)


def places(sentence):
    return {name for _text, name, _spec, _conversion in Formatter().parse(sentence) if name is not None}


def test_no_catalogue_is_stale(make_texts):
    assert make_texts.stale() == [], "run: make texts"


def test_german_is_shipped(shipped):
    assert "de" in shipped


def test_no_sentence_of_a_shipped_language_is_missing(shipped):
    unsaid = [(code, m.id) for code, found in shipped.items() for m in found if m.id and not all(texts(m.string))]
    assert unsaid == []
    assert [(code, m.id) for code, found in shipped.items() for m in found if m.id and m.fuzzy] == []


def test_a_translation_has_the_places_of_its_sentence_and_no_others(shipped):
    """The form for one may leave the number out: “For one day …”."""
    wrong = []
    for code, found in shipped.items():
        for message in (m for m in found if m.id):
            wanted = places(texts(message.id)[-1])
            for said in texts(message.string):
                if not wanted - ({"count"} if message.pluralizable else set()) <= places(said) <= wanted:
                    wrong.append((code, message.id, said))
    assert wrong == []


def test_a_translation_holds_no_markup_and_ends_as_its_sentence_does(shipped):
    """A subject has no full stop, and a sentence has one."""
    wrong = [
        (code, m.id)
        for code, found in shipped.items()
        for m in found
        if m.id and (re.search("[<>&]", texts(m.string)[-1]) or _end(texts(m.id)[-1]) != _end(texts(m.string)[-1]))
    ]
    assert wrong == []


def _end(sentence: str) -> str:
    return sentence[-1] if sentence[-1] in ".?:!" else ""


def test_what_is_marked_in_code_is_a_sentence_as_it_stands():
    """Babel reads the code and runs none of it: a sentence that is put together is never found."""
    loose = []
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
                loose += [(path.name, node.lineno)] if not isinstance(node.args[0], ast.Constant) else []
    assert loose == []


def test_what_is_marked_in_a_template_is_a_sentence_as_it_stands():
    templates = [path for path in (SOURCE / "templates").rglob("*") if path.suffix in (".html", ".txt")]
    assert {path.name: found for path in templates if (found := IN_TEMPLATES.findall(path.read_text()))} == {}
