"""Whether a connection of the pool still works, asked where it has rested for a while.

A server that was restarted, or a firewall that forgets, ends connections that rest. SQLAlchemy's `pool_pre_ping` asks
each time one is taken: one more round trip for each of our reads, which take a connection each.
"""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import InvalidatePoolError

AWAKE_S = 0.5
"""So long it is taken for alive, as HikariCP does (`aliveBypassWindow`)."""
RESTED = "housekey_rests_since"


def ping_rested(engine: sa.Engine) -> None:
    """Ask each connection that has rested; one that is dead makes the pool connect anew, all of them."""
    event.listen(engine, "checkin", _rest)
    event.listen(engine, "checkout", _Wake(engine.dialect))


def _rest(_connection: Any, record: Any) -> None:
    record.info[RESTED] = time.monotonic()


class _Wake:
    def __init__(self, dialect: sa.Dialect) -> None:
        self._dialect = dialect

    def __call__(self, connection: Any, record: Any, _proxy: Any) -> None:
        """One that was just made hasn't rested."""
        now = time.monotonic()
        if now - record.info.get(RESTED, now) > AWAKE_S and not self._is_alive(connection):
            raise InvalidatePoolError()

    def _is_alive(self, connection: Any) -> bool:
        try:
            return self._dialect.do_ping(connection)
        except self._dialect.loaded_dbapi.Error:
            return False
