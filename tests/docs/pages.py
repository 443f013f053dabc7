"""What stands in the documents: their blocks of code, and what they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUOTE = re.compile(r"`src/housekey/demo/([\w./]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LEFT_OUT = re.compile(r"^# …\n", re.MULTILINE)


def written_by_hand() -> list[Path]:
    """The reference is made from the code, and has tests of its own."""
    pages = [page for page in DOCS.rglob("*.md") if "reference" not in page.relative_to(DOCS).parts]
    return sorted([*pages, ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"])


def blocks(page: str, language: str = "python") -> list[str]:
    """The code in a page of docs/, or in the README, in its order."""
    text = (ROOT / page).read_text()
    return [code for found, code in BLOCK.findall(text) if found == language]


def quotes(text: str) -> Iterator[tuple[str, str]]:
    """File of the demo, and what a page says that stands there in one piece."""
    for file, code in QUOTE.findall(text):
        for piece in LEFT_OUT.split(code):
            yield file, piece.strip("\n")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))
