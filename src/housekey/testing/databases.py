"""A fresh database for each test: an SQLite file, copied from one that was filled once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

Fill = Callable[[str], object]
"""Takes the address of an empty database, and makes tables and rows."""


def address_of(file: Path) -> str:
    """The SQLAlchemy address of an SQLite file."""
    return f"sqlite:///{file}"


class Templates:
    """Filled databases of one test run, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._filled: dict[Fill, Path] = {}

    def copy(self, fill: Fill, to: Path) -> None:
        """Make `to` as `fill` has filled a database, at the first time and never again."""
        if fill not in self._filled:
            template = self._folder / f"template-{len(self._filled)}.sqlite"
            fill(address_of(template))
            self._filled[fill] = template
        # SQLite's own backup also takes along what is still in the write-ahead log.
        with closing(sqlite3.connect(self._filled[fill])) as source, closing(sqlite3.connect(to)) as target:
            source.backup(target)
