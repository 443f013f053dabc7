"""Code in “Coming from …” and “Testing your app” is code that these tests run, word for word."""

import re
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = [
    ROOT / "docs" / "testing.md",
    ROOT / "docs" / "guides" / "step-up.md",
    *sorted((ROOT / "docs" / "coming-from").glob("*.md")),
]
TESTED = [ROOT / "tests" / "tutorials", *(ROOT / "tests" / "testing" / name for name in ("notes", "ten_lines"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language):
    return [
        pytest.param(found[2], id=f"{page.stem}-{number}")
        for page in PAGES
        for number, found in enumerate(BLOCK.finditer(page.read_text()))
        if found[1] == language
    ]


@cache
def sources():
    return {file: file.read_text() for folder in TESTED for file in folder.rglob("*.py") if file != Path(__file__)}


def is_tested(code):
    """Whether some file has these lines, one after the other."""
    return any(f"\n{code.rstrip()}\n" in f"\n{text}\n" for text in sources().values())


@pytest.mark.parametrize("code", blocks("python"))
def test_python_in_these_pages_is_run_by_tests(code):
    assert is_tested(code) or is_tested(dedent(code))


@pytest.mark.parametrize("change", blocks("diff"))
def test_lines_of_a_change_are_those_of_the_tutorials(change):
    lines = [(line[:1], line[1:]) for line in change.splitlines() if line[1:].strip()]
    for variant, mark in (("taught", "-"), ("moved", "+")):
        texts = [text for file, text in sources().items() if file.parent.name == variant]
        mine = [line for sign, line in lines if sign in (mark, " ")]
        assert any(set(mine) <= set(text.splitlines()) for text in texts), mine


def test_pages_lead_to_pages_that_exist():
    broken = []
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+\.md)", page.read_text()):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")
    assert broken == []


def test_settings_that_these_pages_name_exist():
    from housekey.settings import entries
    from rig.apps import small_app

    groups = small_app().extensions["housekey"].house.settings._groups
    known = {entry.key for group in groups for entry in entries(group)}
    named = {name for page in PAGES for name in re.findall(r"HOUSEKEY_[A-Z0-9_]*[A-Z]", page.read_text())}
    assert named - known == set()
