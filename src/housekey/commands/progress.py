"""A bar for long work, where somebody watches."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from housekey.store.batches import Progress


@contextmanager
def progress_bar(label: str) -> Iterator[Progress]:
    """A function to be told how much is done, and of how much. Drawn on stderr and only on a terminal, so that a
    nightly job stays silent."""
    if not sys.stderr.isatty():
        yield _silent
        return
    with click.progressbar(length=0, label=label, file=sys.stderr) as bar:

        def tell(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield tell


def _silent(done: int, total: int) -> None: ...
