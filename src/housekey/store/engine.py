"""Housekey's own engine, for apps that bring no database of their own."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import Any
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy import event

from housekey.store.pinging import ping_rested

BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for another one; SQLite has one writer at a time."""


def make_engine(url: str, **options: Any) -> sa.Engine:
    """An engine for `url`; on SQLite in WAL mode with foreign keys on."""
    parsed = sa.make_url(url)
    in_memory = parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:")
    if in_memory:
        options |= {"poolclass": sa.pool.StaticPool, "connect_args": {"check_same_thread": False}}
    options.setdefault("hide_parameters", True)  # an error would quote hashes and addresses into the log
    engine = sa.create_engine(parsed, **options)
    if parsed.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        ping_rested(engine)
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
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Of two connections that turn a new file to WAL in one moment, SQLite tells one that it is locked, at once: its
    busy timeout isn't for locks that could wait for each other (sqlite.org/c3ref/busy_handler.html)."""
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


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
