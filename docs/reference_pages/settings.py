"""Every setting of every capability."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

from housekey.capabilities import CAPABILITIES
from housekey.commands.settings import written
from housekey.settings import Entry, entries
from housekey.web.settings import HouseSettings
from reference_pages.markdown import page


def settings_page() -> str:
    groups: list[tuple[str, type]] = [("The house itself", HouseSettings)]
    groups += [(c.name.capitalize(), c.settings) for c in CAPABILITIES if c.settings is not None]
    intro = (
        "Keys of `app.config`; from the environment, `app.config.from_prefixed_env()` reads them with `FLASK_` before. "
        'Durations are a `timedelta`, seconds, or a text such as `"15m"`, `"8h"`, `"30d"`; lists may be texts with '
        "commas. A key that is unknown or wrong stops the app at start-up. `flask housekey settings` shows the values "
        "of your app."
    )
    return page("Settings", intro, [part for group in groups for part in _settings_of(*group)])


def _settings_of(title: str, group: type) -> Iterator[str]:
    yield f"## {title}"
    for entry in entries(group):
        yield f"### `{entry.key}`"
        yield entry.doc
        about = [f"Type: {kind_of(entry)}", f"Default: `{written(entry.default) or '()'}`"]
        about += [f"Source: {entry.source}"] if entry.source else []
        about += ["Secret: never shown"] if entry.secret else []
        yield "\n".join(f"- {line}" for line in about)


def kind_of(entry: Entry) -> str:
    """A setting's type and bounds, in words."""
    bounds = [("at least", entry.at_least), ("at most", entry.at_most)]
    told = [f"{words} {written(bound)}" for words, bound in bounds if bound is not None]
    return ", ".join([kind(entry.type), *told])


def kind(hint: Any) -> str:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(kind(argument) for argument in arguments)
    if origin is Literal:
        return " or ".join(f"`{argument!r}`" for argument in arguments)
    if origin in (tuple, frozenset):
        return f"list of {kind(arguments[0])}"
    words = {str: "text", int: "whole number", bool: "`True` or `False`", timedelta: "duration", type(None): "`None`"}
    return words.get(hint) or str(getattr(hint, "__name__", hint))
