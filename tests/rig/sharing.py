"""What small apps of one process have in common, so that each new one doesn't work it out anew.

They are apps with Housekey alone, whose `User` has nothing but a key: the same class and the same tables in each. Two
thirds of the time of a new one would go into mapping that class, creating its tables, and compiling the same
statements for them; none of that is under test in a test that just needs an app.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
import sqlalchemy as sa

from housekey.extension import databases, front
from housekey.store.database import own_user_model
from housekey.store.engine import make_engine

IN_MEMORY = "sqlite://"
_own_user_model = cache(own_user_model)
_first: dict[str, sa.Engine] = {}
_empty: list[bytes] = []


@contextmanager
def in_common() -> Iterator[None]:
    """Apps that are made in this block share one `User`, and what SQLAlchemy has compiled for a database."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(front, "own_user_model", _own_user_model)
        patched.setattr(databases, "make_engine", _engine)
        yield


def _engine(url: str, **options: Any) -> sa.Engine:
    made = make_engine(url, **options)
    is_sqlite = made.url.get_backend_name() == "sqlite"
    # The dialect of a server knows the name of its database; those are used again and again.
    first = _first.setdefault(made.url.drivername if is_sqlite else str(made.url), made)
    made.dialect, made._compiled_cache = first.dialect, first._compiled_cache
    if url == IN_MEMORY:
        _begin_with_tables(made)
    return made


def _begin_with_tables(engine: sa.Engine) -> None:
    """In memory a database is made from the bytes of the first one, as it was when its tables had just been made."""

    @sa.event.listens_for(engine, "connect")
    def copy(connection: Any, _record: Any) -> None:
        if _empty:
            connection.deserialize(_empty[0])


def keep_empty(engine: sa.Engine) -> None:
    """Note the tables of the first small app in memory, which nobody has used yet."""
    if not _empty and str(engine.url) == IN_MEMORY:
        with engine.connect() as connection:
            in_memory: Any = connection.connection.driver_connection
            _empty.append(in_memory.serialize())
