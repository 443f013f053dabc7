"""Taking on the users that a host has already: each gets an account row, and identifiers to log in by.

In batches by key, so that it can be interrupted and run again. Names that two users share are told, never fatal:
the first bearer keeps them, the other one keeps the account and lacks this way to log in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey.store import Store, user_sync
from housekey.store.batches import BATCH, Progress
from housekey.store.identifiers import Unusable, name_columns
from housekey.store.schema import Schema

TRIES = 5
"""How often a batch is begun anew because somebody registered or was deleted meanwhile."""


@dataclass(frozen=True)
class Adopted:
    """How many users were taken on, and which of their names can't be used to log in."""

    users: int = 0
    unusable: tuple[Unusable, ...] = ()


def adopt_users(store: Store, progress: Progress | None = None) -> Adopted:
    """Make account and identifiers for every user who has no account row."""
    with store.read() as connection:
        total = count_unadopted(connection, store.schema)
    users, unusable = 0, list[Unusable]()
    for batch in _batches(store) if total else ():
        users += batch.users
        unusable += batch.unusable
        if progress is not None:
            progress(users, max(users, total))
    return Adopted(users, tuple(unusable))


def count_unadopted(connection: sa.Connection, schema: Schema) -> int:
    """How many users have no account row."""
    return connection.scalar(sa.select(sa.func.count()).select_from(_unadopted(schema, schema.key).subquery())) or 0


def _unadopted(schema: Schema, *columns: Any) -> sa.Select[Any]:
    accounts = schema.tables["accounts"]
    return sa.select(*columns).where(~sa.exists().where(accounts.c.user_id == schema.key))


def _batches(store: Store) -> Iterator[Adopted]:
    last = None
    while True:
        last, batch = _patiently(store, last)
        if not batch.users:
            return
        yield batch


def _patiently(store: Store, last: Any) -> tuple[Any, Adopted]:
    for tries in range(TRIES):
        try:
            return _adopt_batch(store, last)
        except IntegrityError:
            if tries == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _adopt_batch(store: Store, last: Any) -> tuple[Any, Adopted]:
    """The next users after the key `last`, in one transaction; answers the last key among them."""
    with store.write() as session:
        connection = session.connection(bind_arguments=store.bind_arguments)
        _wait_for_other_adopters(connection, store.schema)
        users = _next(connection, store.schema, last)
        if not users:
            return last, Adopted()
        return users[-1][0], Adopted(len(users), tuple(user_sync.adopt(connection, store.schema, users)))


def _wait_for_other_adopters(connection: sa.Connection, schema: Schema) -> None:
    connection.execute(sa.select(schema.tables["version"]).with_for_update())


def _next(connection: sa.Connection, schema: Schema, last: Any) -> Sequence[sa.Row[Any]]:
    statement = _unadopted(schema, schema.key, *name_columns(schema)).order_by(schema.key).limit(BATCH)
    return connection.execute(statement if last is None else statement.where(schema.key > last)).all()
