"""The session check: from a browser's token to who is asking, in one indexed read.

It stands behind `Recogniser.facts_of` and `Recogniser.user_of` alone, so that a cache that the store invalidates
can take their place later.
"""

from __future__ import annotations

import contextlib
from datetime import timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from housekey.errors import HostTransactionOpen
from housekey.kernel import tokens
from housekey.store import Store, attaching, sessions
from housekey.store.sessions import SessionFacts
from housekey.store.users import NAMES, display_name


class Recogniser:
    """Tells who a token belongs to. `boot` is set where sessions end with the server."""

    def __init__(self, store: Store, boot: str | None) -> None:
        self._store, self._boot = store, boot

    @cached_property
    def _facts_query(self) -> sa.Select[Any]:
        schema = self._store.schema
        return sessions.recognition(schema, *sessions.names_of(schema))

    @cached_property
    def _user_query(self) -> sa.Select[Any]:
        return sessions.recognition(self._store.schema, self._store.user_model)

    @cached_property
    def _row_query(self) -> sa.Select[Any] | None:
        schema = self._store.schema
        columns = attaching.user_columns(schema)
        return None if columns is None else sessions.recognition(schema, *columns)

    def facts_of(self, token: str) -> SessionFacts | None:
        """The live session behind a token, without the user's own columns."""
        with self._store.read() as connection:
            row = connection.execute(self._facts_query, {"token": tokens.digest(token)}).mappings().first()
        if row is None or not sessions.judge(row, self._boot):
            return None
        return sessions.facts(row, sessions.name_in(row))

    def user_of(self, token: str) -> tuple[SessionFacts, Any] | None:
        """The live session and the host's own user object, in the host's session, by one statement."""
        host = self._store.database.host_session()
        if self._row_query is None or not attaching.accepts(host):
            return self._loaded_by_the_orm(host, token)
        with self._store.read() as connection:
            row = connection.execute(self._row_query, {"token": tokens.digest(token)}).mappings().first()
        if row is None or not sessions.judge(row, self._boot):
            return None
        user = attaching.attach(host, self._store.schema, row)
        return sessions.facts(row, _name_of(user)), user

    def _loaded_by_the_orm(self, host: Any, token: str) -> tuple[SessionFacts, Any] | None:
        """Without autoflush: asking who is there must not write the host's half-made objects."""
        with host.no_autoflush:
            row = host.execute(self._user_query, {"token": tokens.digest(token)}).first()
        if row is None or not sessions.judge(row._mapping, self._boot):
            return None
        return sessions.facts(row._mapping, _name_of(row[0])), row[0]

    def load(self, user_id: Any) -> Any:
        """The host's user object for a key that is known already."""
        host = self._store.database.host_session()
        with host.no_autoflush:
            return host.get(self._store.user_model, user_id)

    def user_of_token(self, token: str) -> Any:
        """Whose session this was, also if it has ended; to notice that the person at a browser changes."""
        table = self._store.tables["sessions"]
        with self._store.read() as connection:
            return connection.scalar(sa.select(table.c.user_id).where(table.c.token == tokens.digest(token)))

    def touch(self, session_id: str, rest: timedelta) -> None:
        """Note that the browser was here, perhaps after a long `rest`; not worth waiting for a lock, nor an error."""
        with contextlib.suppress(SQLAlchemyError, HostTransactionOpen), self._store.write_at_once() as session:
            table = self._store.tables["sessions"]
            mine = sa.select(table.c.id).where(table.c.id == session_id).with_for_update(skip_locked=True)
            if session.execute(mine, bind_arguments=self._store.bind_arguments).first():
                sessions.touch(session, self._store.schema, session_id, rest)


def _name_of(user: Any) -> str:
    return display_name(*(getattr(user, name, None) for name in NAMES))


def key_of(user: Any) -> Any:
    """The primary key of a host's user object; None for one that was never saved."""
    state = sa.inspect(user, raiseerr=False)
    if state is None or not hasattr(state, "mapper"):
        return None
    return state.mapper.primary_key_from_instance(user)[0]
