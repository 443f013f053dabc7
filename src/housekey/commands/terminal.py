"""What commands write: tables for people, JSON for programs, and never a control character that came from outside."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import click

GAP = "  "
WIDEST = 110
"""Columns that prose is wrapped at, at most."""
WIDE = ("F", "W")
"""East Asian widths (UAX 11) that take two columns."""


def shown(text: str) -> str:
    """A text that may be printed: `\\x1b`, `\\n`, `\\u202e` in place of what moves the cursor, colours the screen or
    turns the line round (flaw 60)."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def say(line: str, *, before: str = "") -> None:
    """Print a line, `shown`; `before` it, a word of ours that may bear a colour."""
    _write(before + shown(line))


def say_wrapped(text: str, indent: str) -> None:
    """Prose, in lines that can be read."""
    columns = min(shutil.get_terminal_size().columns, WIDEST) - len(indent)
    for line in textwrap.wrap(text, columns, break_on_hyphens=False):
        say(indent + line)


def _write(text: str) -> None:
    """Also where the terminal lacks a letter of it."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"  # None: closed, as by `>&-`
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding))


def as_json(value: Any) -> None:
    """One JSON document. What can't be printed is escaped in it, so that it may go to a terminal, too."""
    document = json.dumps(value, indent=2, ensure_ascii=False, default=_plain)
    _write("".join(c if c.isprintable() or c == "\n" else _escaped(c) for c in document))


def _plain(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _escaped(character: str) -> str:
    """As JSON escapes it: characters beyond U+FFFF by their two surrogates."""
    return json.dumps(character).strip('"') if character != "\x7f" else "\\u007f"


def table(headers: Sequence[str], rows: Iterable[Sequence[Any]], *, empty: str) -> None:
    """Columns side by side; `empty` says why there are none."""
    lines = [[shown(cell(value)) for value in row] for row in rows]
    if not lines:
        say(empty)
        return
    widths = [max(map(width, column)) for column in zip(headers, *lines, strict=True)]
    for line in (headers, *lines):
        say(GAP.join(padded(text, size) for text, size in zip(line, widths, strict=True)).rstrip())


def pairs(about: Iterable[tuple[str, Any]]) -> None:
    """One thing: a line for each of its properties."""
    told = [(name, shown(cell(value))) for name, value in about]
    longest = max(width(name) for name, _ in told)
    for name, value in told:
        say(f"{padded(name, longest)}{GAP}{value}".rstrip())


def cell(value: Any) -> str:
    """A value as people read it; times in UTC."""
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, (tuple, list)):
        return ", ".join(map(str, value)) or "-"
    return str(value)


def padded(text: str, size: int) -> str:
    return text + " " * (size - width(text))


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in WIDE else 1 for c in text)
