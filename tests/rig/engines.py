"""Closes the connections that a test leaves open in the pools of its engines.

An app's engine dies with the app, whenever the garbage collector comes by; psycopg and (from Python 3.13) sqlite3
then warn about an open connection, in the middle of some other test.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, event

# Strong references: an engine that dies inside the block must not take open connections along.
_in_use: list[set[Engine]] = []


@event.listens_for(Engine, "engine_connect")
def _remember(connection: Connection) -> None:
    if _in_use:
        _in_use[-1].add(connection.engine)


@contextmanager
def engines_closed() -> Iterator[None]:
    """Dispose every engine that is first used inside this block; those of an outer block are left alone."""
    _in_use.append(set())
    try:
        yield
    finally:
        mine = _in_use.pop()
        for engine in mine.difference(*_in_use):
            engine.dispose()
