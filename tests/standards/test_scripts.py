"""What holds for every script and every page that a browser gets: texts stay texts, and nothing is left behind."""

from __future__ import annotations

import re

import pytest

from rig.source import HOUSE

SCRIPTS = sorted((HOUSE / "static").glob("*.js"))
TEMPLATES = sorted(file for folder in ("templates", "demo/templates") for file in (HOUSE / folder).rglob("*.html"))
MAKES_MARKUP = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|createContextualFragment|DOMParser")
RUNS_TEXT = re.compile(r"\beval\(|new Function|setTimeout\(\s*[\"'`]|setInterval\(\s*[\"'`]|javascript:")
KEEPS = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|\bcaches\b|serviceWorker")
ON_GLOBALS = re.compile(
    r"\b(?:window|document|globalThis)\.\w+\s*=[^=]|document\.(?!querySelector|getElementById|createElement|documentElement)"
)
BY_NAME_FROM_OUTSIDE = re.compile(r"\[\s*(?:\w+\.)*(?:name|key|data)\s*\]\s*=[^=]|__proto__|Object\.prototype")
PLUG_INS = re.compile(r"<(?:object|embed|applet)\b|\.swf\b|\.xap\b", re.I)
LOADED = re.compile(r"<(?:script|link|img|iframe|source|video|audio)\b[^>]*?(?:src|href)=\"([^\"]*)")
each_script = pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)


def code(file):
    return re.sub(r"(?m)//.*$", "", file.read_text())


def test_there_are_scripts_and_pages_to_look_at():
    assert len(SCRIPTS) > 5
    assert len(TEMPLATES) > 50


@pytest.mark.asvs("3.2.2")
@each_script
def test_what_a_script_shows_is_text_and_never_markup(file):
    assert not MAKES_MARKUP.search(code(file))
    assert not RUNS_TEXT.search(code(file))


@pytest.mark.asvs("3.2.3")
@each_script
def test_no_script_takes_an_element_for_a_variable(file):
    """A module has a scope of its own, and elements are asked for by `querySelector` or `getElementById`: an element
    with the name of a variable (`<a id="config">`) is nobody's variable."""
    assert not ON_GLOBALS.search(code(file))


@pytest.mark.asvs("15.3.6")
@each_script
def test_no_script_writes_a_property_whose_name_comes_from_elsewhere(file):
    assert not BY_NAME_FROM_OUTSIDE.search(code(file))


@pytest.mark.asvs("14.3.3")
@each_script
def test_no_script_keeps_anything_in_the_browser(file):
    assert not KEEPS.search(code(file))


@pytest.mark.asvs("1.2.3", "3.2.3", "3.7.1")
def test_pages_load_modules_and_no_plug_in():
    texts = {file.name: file.read_text() for file in TEMPLATES}
    assert [name for name, text in texts.items() if PLUG_INS.search(text)] == []
    scripts = [tag for text in texts.values() for tag in re.findall(r"<script\b[^>]*>", text)]
    assert [tag for tag in scripts if 'type="module"' not in tag or "src=" not in tag] == []


@pytest.mark.asvs("3.6.1", "14.2.3")
def test_pages_load_nothing_from_elsewhere():
    loaded = [address for file in TEMPLATES for address in LOADED.findall(file.read_text())]
    assert [address for address in loaded if re.match(r"(?:https?:)?//", address)] == []
