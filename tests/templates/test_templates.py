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


@pytest.mark.asvs("6.2.6")
@each_page
def test_a_password_is_masked_while_it_is_typed(path: Path) -> None:
    """By the one macro, whose field a button may show; no page has a field of its own."""
    named = re.findall(r"(\w*field)\(\s*\"(?:password|current|new)\"", path.read_text())
    assert set(named) <= {"password_field"}
    assert not re.search(r'<input[^>]*name="(?:password|current|new)"', path.read_text())


def test_the_field_of_passwords_is_a_password_field() -> None:
    macro = (FOLDER / "macros.html").read_text().partition("macro password_field")[2].partition("endmacro")[0]
    assert re.findall(r'<input type="(\w+)"', macro) == ["password"]


@pytest.mark.asvs("6.2.7")
@each_page
def test_password_managers_fill_in_every_password_of_ours(path: Path) -> None:
    """The one exception are secrets of the host's own form that was interrupted: what they are, only the host knows."""
    for arguments in re.findall(r"password_field\((.*?)\)", path.read_text()):
        assert "off" not in arguments or arguments.startswith("name, name,"), arguments


@pytest.mark.asvs("6.2.7")
def test_nothing_is_kept_from_being_pasted() -> None:
    scripts = [path.read_text() for path in (FOLDER.parents[1] / "static").rglob("*.js")]
    assert scripts
    assert not any(re.search(r"paste|beforeinput", text, re.IGNORECASE) for text in scripts)


def test_all_templates_are_sound() -> None:
    for path in TEMPLATES:
        Environment(autoescape=True).parse(path.read_text(), filename=str(path))
