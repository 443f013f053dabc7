"""What the documents outside the code say about the project stays true."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"


def test_every_page_of_the_menu_exists_and_every_page_is_in_the_menu():
    menu = re.findall(r"\S+\.md$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(menu) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


def test_every_word_of_the_makefile_is_a_target():
    makefile = (ROOT / "Makefile").read_text()
    words = makefile.partition(".PHONY:")[2].splitlines()[0].split()
    assert [word for word in words if not re.search(rf"^{word}:", makefile, re.MULTILINE)] == []


def test_the_makefile_and_the_readme_give_the_same_two_commands():
    makefile = (ROOT / "Makefile").read_text()
    makefile = makefile.replace("$(INSTALL)", "$(BIN)/pip install -q -c constraints.txt").replace("$(BIN)", ".venv/bin")
    readme = (ROOT / "README.md").read_text()
    for target in ("demo", "test"):
        command = re.search(rf"^{target}:\n\t(.+)$", makefile, re.MULTILINE)[1]
        assert command in readme


def test_exact_versions_name_no_address():
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.+]+", pin)] == []


def test_the_lowest_versions_tried_are_those_promised():
    promised = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    tried = (ROOT / "constraints-lowest.txt").read_text().lower().replace("_", "-")
    missing = [line for line in promised if not re.search(rf"^{line.replace('>=', '==')}(\.0)*$", tried, re.MULTILINE)]
    assert missing == []
