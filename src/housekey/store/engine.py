"""Housekey's own engine, for apps that bring no database of their own."""

from __future__ import annotations

import os
from typing import Any
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy import event

BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for another one; SQLite has one writer at a time."""


def make_engine(url: str, **options: Any) -> sa.Engine:
    """An engine for `url`; on SQLite in WAL mode with foreign keys on."""
    parsed = sa.make_url(url)
    in_memory = parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:")
    if in_memory:
        options |= {"poolclass": sa.pool.StaticPool, "connect_args": {"check_same_thread": False}}
    elif parsed.get_backend_name() != "sqlite":
        options.setdefault("pool_pre_ping", True)
    options.setdefault("hide_parameters", True)  # an error would quote hashes and addresses into the log
    engine = sa.create_engine(parsed, **options)
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    if not in_memory:  # that one lives in its connection, which a fork copies whole
        _engines.add(engine)
    return engine


def place_of(url: Any) -> str:
    """Which database it is; without the user and the password, which may change."""
    parsed = sa.make_url(url)
    return f"{parsed.host}|{parsed.port}|{parsed.database}"


def _prepare_sqlite(connection: Any, record: Any) -> None:
    """Readers don't wait for the writer (WAL), a writer waits its turn; a crash loses no committed row."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


_engines: WeakSet[sa.Engine] = WeakSet()
_of_the_parent: list[sa.Pool] = []


def _leave_to_parent() -> None:
    """In a new child: two processes on one socket would read each other's answers. What is open stays open, because
    closing it here would end it for the parent, and on SQLite break its locks (sqlite.org/howtocorrupt.html §2.6)."""
    for engine in list(_engines):
        _of_the_parent.append(engine.pool)
        engine.dispose(close=False)


if hasattr(os, "register_at_fork"):
    # gunicorn --preload forks its workers after the app is made, and perhaps after it has asked the database.
    os.register_at_fork(after_in_child=_leave_to_parent)
