"""`flask housekey settings`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from housekey.commands.options import json_option
from housekey.commands.terminal import as_json, say, say_wrapped
from housekey.settings import Entry
from housekey.web.here import here

HIDDEN = "(secret)"
EMPTY = "(empty)"
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"))


@dataclass(frozen=True)
class Line:
    """A setting as it stands in this app."""

    entry: Entry
    value: str
    default: str
    is_set: bool


@click.command("settings")
@click.argument("words", nargs=-1)
@json_option
@with_appcontext
def settings(words: tuple[str, ...], in_json: bool) -> None:
    """Every setting: its value here, its default and its meaning. With WORDS, those whose key or meaning holds them."""
    found = [line for line in all_settings() if _matches(line, words)]
    if in_json:
        as_json([_members(line) for line in found])
        return
    for line in found:
        say(f"{line.entry.key} = {line.value or EMPTY}{_default(line)}")
        say_wrapped(_about(line), "    ")
    if not found:
        say("No setting has to do with that. `flask housekey settings` lists all.")


def all_settings() -> list[Line]:
    """In the order in which capabilities are wired. A secret's value is never in it."""
    return [
        Line(
            entry,
            _hidden(value) if entry.secret else written(value),
            written(entry.default),
            entry.key in current_app.config,
        )
        for entry, value in here.house.settings
    ]


def _hidden(value: Any) -> str:
    return HIDDEN if value else written(value)


def written(value: Any) -> str:
    """A value as the environment or the config would write it: durations as 15m, lists with commas."""
    if isinstance(value, timedelta):
        return duration(value)
    if isinstance(value, (tuple, frozenset)):
        return ", ".join(written(part) for part in value)
    return str(value)


def duration(value: timedelta) -> str:
    """In the largest unit that says it in whole numbers; seconds may have decimals."""
    seconds = value.total_seconds()
    for size, unit in _UNITS:
        if seconds and not seconds % size:
            return f"{int(seconds // size)}{unit}"
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"


def _matches(line: Line, words: tuple[str, ...]) -> bool:
    about = f"{line.entry.key} {line.entry.doc}".casefold()
    return all(word.casefold() in about for word in words)


def _about(line: Line) -> str:
    return line.entry.doc + (f" Source: {line.entry.source}." if line.entry.source else "")


def _default(line: Line) -> str:
    """Only beside another value."""
    return "" if line.value == line.default else f"  (default: {line.default or EMPTY})"


def _members(line: Line) -> dict[str, Any]:
    entry = line.entry
    return {
        "key": entry.key,
        "value": line.value,
        "default": line.default,
        "set": line.is_set,
        "meaning": entry.doc,
        "source": entry.source,
        "secret": entry.secret,
    }
