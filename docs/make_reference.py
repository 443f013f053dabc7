"""Writes docs/reference/ from the code: `python docs/make_reference.py`, or `… --check` to fail if a page is stale."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from reference_pages import cli, errors, events, http, road, settings

FOLDER = Path(__file__).parent / "reference"
PAGES = {
    "settings.md": settings.settings_page,
    "events.md": events.events_page,
    "errors.md": errors.errors_page,
    "cli.md": cli.cli_page,
    "http-api.md": http.http_page,
    "login-road.md": road.road_page,
}


def stale() -> list[str]:
    """The pages that don't say what the code says."""
    kept = {path.name: path.read_text() for path in FOLDER.glob("*.md")}
    return [name for name, make in PAGES.items() if kept.get(name) != make()]


def main(words: Sequence[str]) -> str | None:
    """What goes to stderr with exit code 1, if anything."""
    if "--check" in words:
        found = stale()
        return f"stale: {', '.join(found)}. Run: make reference" if found else None
    FOLDER.mkdir(exist_ok=True)
    for name, make in PAGES.items():
        (FOLDER / name).write_text(make())
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
