"""Housekey's own engine, for apps that bring no database of their own."""

from __future__ import annotations

from typing import Any

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
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    """Readers don't wait for the writer (WAL), a writer waits its turn; a crash loses no committed row."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()
