"""Puts logging back after a test that ran a host's Alembic `env.py`.

Its `fileConfig` disables every logger there is and gives the root logger handlers of its own: a later test that
looks for a line in the log would find none.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def logging_as_it_was() -> Iterator[None]:
    """Undo at the end what the block did to the root logger, and enable every logger again."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    try:
        yield
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers
        for logger in root.manager.loggerDict.values():
            if isinstance(logger, logging.Logger):
                logger.disabled = False


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    with logging_as_it_was():
        yield
