"""What every page of ours promises, read from the templates themselves. How they look is judged in a browser."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from jinja2 import Environment

FOLDER = Path(str(files("housekey"))) / "templates" / "housekey"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TAG = re.compile(r"<[^>]*>", re.DOTALL)
STYLE = re.compile(r"<style>.*?</style>", re.DOTALL)
PART_OF_TAG = re.compile(r'[\w-]+="[^"]*"|\brequired\b')

MAIL_PARTS = {FOLDER / "mail" / "base.html", FOLDER / "mail" / "parts.html"}
PAGES = [path for path in TEMPLATES if path.parent.name != "mails" and path not in MAIL_PARTS]
"""Without mails: mail programs know no style sheet of ours."""

each_template = pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(FOLDER)))

each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(FOLDER)))


@each_template
def test_a_template_names_its_context(path: Path) -> None:
    assert path.read_text().startswith("{#")


@each_template
def test_every_sentence_can_be_translated(path: Path) -> None:
    """What stands outside of Jinja and tags would stay English for everyone."""
    left = PART_OF_TAG.sub(" ", TAG.sub(" ", JINJA.sub(" ", STYLE.sub(" ", path.read_text()))))
    assert not re.search(r"[A-Za-z]", left.replace("UTC", ""))


@each_page
def test_a_page_has_no_inline_script_or_style(path: Path) -> None:
    """The Content-Security-Policy of the account pages allows neither."""
    text = JINJA.sub("", path.read_text())
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", text, re.IGNORECASE)


@each_template
def test_a_page_loads_nothing_from_elsewhere(path: Path) -> None:
    assert "//" not in path.read_text()


@each_template
def test_a_form_that_changes_something_bears_the_token(path: Path) -> None:
    text = path.read_text()
    for form in re.findall(r"<form[^>]*method=.post.*?</form>", text, re.IGNORECASE | re.DOTALL):
        assert 'name="_csrf"' in form


@each_template
def test_a_sentence_has_no_exclamation_mark(path: Path) -> None:
    for sentence in re.findall(r"""\bt\(\s*(?:"([^"]*)"|'([^']*)')""", path.read_text()):
        assert "!" not in "".join(sentence)


def test_all_templates_are_sound() -> None:
    for path in TEMPLATES:
        Environment(autoescape=True).parse(path.read_text(), filename=str(path))
