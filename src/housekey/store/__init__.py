"""The database of one app: its schema, its units of work and the few reads that everything needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from housekey.store import routing, work
from housekey.store import tables as _tables  # noqa: F401  registers the tables of the road
from housekey.store import user_sync as _user_sync  # noqa: F401  keeps identifiers in step with users
from housekey.store.database import Database
from housekey.store.schema import Expired, Schema, schema_of
from housekey.store.sweeping import Broom


class Store:
    """What a house knows of its database. Resolved on first use, since `User` may be declared after Housekey."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.broom = Broom()
        self.expiring: dict[str, Expired] = {}
        """Rules of this app for what may be swept, where a table's own doesn't know the settings that decide."""
        work.watch(database.factory())  # from the start: the host may write before anything of ours is asked

    @cached_property
    def schema(self) -> Schema:
        return schema_of(self.database.user_model())

    @property
    def tables(self) -> dict[str, sa.Table]:
        """`tables["sessions"]` is housekey_sessions."""
        return self.schema.tables

    @property
    def user_model(self) -> type:
        return self.schema.user

    @property
    def engine(self) -> sa.Engine:
        """The engine that holds `User`, also where the host has several; asked each time of a host that picks it
        itself, as for each of its tenants."""
        return self._one_engine or self._engine_now()

    @cached_property
    def _one_engine(self) -> sa.Engine | None:
        """None where the sessions have a `get_bind` of the host's own, whose answer may change."""
        work.watch(self.database.factory())
        with self.database.new_session() as session:
            if routing.is_needed(session, self.schema):
                routing.route(work.session_class(self.database.factory()), self.schema)
            picks_itself = routing.is_the_hosts_own(session)
        return None if picks_itself else self._engine_now()

    def _engine_now(self) -> sa.Engine:
        with self.database.new_session() as session:
            return session.get_bind(mapper=self.schema.mapper).engine

    def prepare(self) -> None:
        """Look at the host's engines, before anything of ours goes through its sessions."""
        _ = self.engine

    def let_go(self) -> None:
        """Close the connections that nobody uses: a server may fork its workers now, and they must not share any. One
        in memory is the database itself."""
        if not isinstance(self.engine.pool, work.SHARED):
            self.engine.dispose()

    @cached_property
    def _one_reading_engine(self) -> sa.Engine | None:
        return None if self._one_engine is None else work.reading_engine(self._one_engine)

    @property
    def bind_arguments(self) -> dict[str, Any]:
        """Sends a Core statement to the engine of `User` in a host with several."""
        return {"mapper": self.schema.mapper}

    def read(self) -> AbstractContextManager[sa.Connection]:
        """A connection for a read of committed rows."""
        return work.reading(self.database, self._one_reading_engine or work.reading_engine(self._engine_now()))

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session in one short transaction of our own."""
        with work.writing(self.database, self.schema.mapper) as session:
            yield session

    @contextmanager
    def write_at_once(self) -> Iterator[Session]:
        """Like `write`, but an error instead of a wait where another writer holds SQLite."""
        with work.writing(self.database, self.schema.mapper, patient=False) as session:
            yield session

    def refuse_if_host_wrote(self) -> None:
        """Raise `HostTransactionOpen` at once, for verbs that would first read what isn't committed yet."""
        work.refuse_if_host_wrote(self.database)

    def parse_key(self, text: str) -> Any:
        """The key of a user from `get_id()` or a URL; None if it can't be one: no database takes any number, or NUL."""
        kind = self.schema.key.type.python_type
        try:
            key = text if kind is str else kind(text)
        except (ValueError, TypeError, OverflowError):
            return None
        is_odd = "\0" in key if isinstance(key, str) else isinstance(key, int) and abs(key) > self._largest_key
        return None if is_odd else key

    @cached_property
    def _largest_key(self) -> int:
        """SQLite's INTEGER has 64 bits, elsewhere it has 32."""
        is_long = isinstance(self.schema.key.type, sa.BigInteger) or self.engine.dialect.name == "sqlite"
        return 2**63 - 1 if is_long else 2**31 - 1

    def show_to_host(self, user_id: Any, values: Mapping[str, Any]) -> None:
        """Let the host's own user object, if it has loaded one, show columns that a unit of ours has just committed;
        nothing else of it is touched. Reading them again would not do: MariaDB shows a transaction that has begun
        what was there before."""
        host = self.database.live_session()
        user = host.identity_map.get(self.schema.mapper.identity_key_from_primary_key((user_id,))) if host else None
        for name, value in values.items() if user is not None else ():
            set_committed_value(user, name, value)

    def column_values(self, source: Any, user_id: Any, names: tuple[str, ...]) -> dict[str, Any]:
        """Some columns of a user, by the names of their attributes."""
        columns = [self.schema.mapper.columns[name].label(name) for name in names]
        row = source.execute(sa.select(*columns).where(self.schema.key == user_id)).mappings().first()
        return dict(row) if row else {}
