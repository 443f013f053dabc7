"""Units of work: each verb is one short transaction of our own, on the host's database.

If the host's session holds flushed but uncommitted rows, our transaction would wait for the host's and the host
for us: SQLite would be locked for the whole timeout, PostgreSQL and MariaDB on the user's row, and a StaticPool
would commit the host's half-done work. So it is refused at once, with the cure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, scoped_session, sessionmaker
from sqlalchemy.pool import SingletonThreadPool, StaticPool

from housekey.errors import HostTransactionOpen
from housekey.store.database import Database

SHARED = (StaticPool, SingletonThreadPool)
"""Pools of databases in memory: their one connection may be in the middle of somebody else's transaction."""
WROTE = "housekey_host_wrote"
WATCHED = "housekey_watches"
OURS = "housekey_unit"
AFTERWARDS = "housekey_afterwards"
READS = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*(?:select|values|show|explain|pragma|set)\b", re.I | re.S)
LOCKS = re.compile(r"\bfor\s+(?:no\s+key\s+)?update\b|\block\s+in\s+share\s+mode\b", re.I)
READ_COMMITTED = {"isolation_level": "READ COMMITTED"}
CURE = (
    "db.session holds changes that are flushed but not committed. Call db.session.commit() before "
    "login_user(user), logout_user() or another verb of Housekey."
)


def watch(factory: Any) -> None:
    """Notice when a session of the host has written and not yet committed. Once per factory.

    `event.contains` would not do: it knows a factory by its address, which a new one may inherit from a dead one.
    """
    made = None if factory is None else session_class(factory)
    if made is None or WATCHED in vars(made):
        return
    setattr(made, WATCHED, True)
    event.listen(made, "do_orm_execute", executed)
    event.listen(made, "after_transaction_end", _ended)


def session_class(factory: Any) -> type[Session]:
    """The class of the sessions that a sessionmaker or a scoped session makes."""
    maker = factory.session_factory if isinstance(factory, scoped_session) else factory
    made: type[Session] = maker.class_ if isinstance(maker, sessionmaker) else maker
    return made


def executed(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete or _may_lock(state.statement):
        state.session.info[WROTE] = True


def _may_lock(statement: Any) -> bool:
    """Text that isn't plainly a read, and SELECT … FOR UPDATE: our rows refer to the user's, and would wait for it."""
    if isinstance(statement, sa.TextClause):
        return READS.match(statement.text) is None or LOCKS.search(statement.text) is not None
    return getattr(statement, "_for_update_arg", None) is not None


def _ended(session: Session, transaction: Any) -> None:
    """SQLAlchemy opens a transaction within one, which is no savepoint, for each flush and each bulk operation."""
    if transaction.parent is None:
        session.info.pop(WROTE, None)
    elif not transaction.nested:
        session.info[WROTE] = True


def refuse_if_host_wrote(database: Database) -> None:
    """Raise `HostTransactionOpen` instead of waiting for a lock that the caller itself holds."""
    host = database.live_session()
    if host is not None and host.info.get(WROTE):
        raise HostTransactionOpen(CURE)


@contextmanager
def writing(database: Database, mapper: Any, *, patient: bool = True) -> Iterator[Session]:
    """A session in a transaction of its own; commits at the end, rolls back on any error."""
    refuse_if_host_wrote(database)
    with database.new_session() as session:
        session.info[OURS] = True
        session.autoflush = True
        session.expire_on_commit = False
        with session.begin():
            _begin(session, mapper, patient)
            yield session


def _begin(session: Session, mapper: Any, patient: bool) -> None:
    """MariaDB: no gap locks, which turn parallel inserts into deadlocks. SQLite: take the write lock first."""
    bind = session.get_bind(mapper=mapper)
    options = READ_COMMITTED if bind.dialect.name in ("mysql", "mariadb") else {}
    connection = session.connection(bind_arguments={"mapper": mapper}, execution_options=options)
    if connection.dialect.name == "sqlite":
        begin_immediate(connection, patient=patient)


def begin_immediate(connection: sa.Connection, *, patient: bool = True) -> None:
    """Take SQLite's write lock at the start of a transaction. One that reads and then writes fails at once, whatever
    `busy_timeout` says, if another one wrote in between."""
    if _in_transaction(connection):
        if isinstance(connection.engine.pool, SHARED):
            return
        connection.exec_driver_sql("COMMIT")  # a listener of the host has just begun it, without the lock
    if patient:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        return
    usual = connection.exec_driver_sql("PRAGMA busy_timeout").scalar()
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={usual}")


def _in_transaction(connection: sa.Connection) -> bool:
    return bool(getattr(connection.connection.dbapi_connection, "in_transaction", False))


def after_commit(session: Session, act: Callable[[], object]) -> None:
    """Call `act()` once what this session does is committed, and never if it is rolled back, be it with a savepoint
    alone."""
    if AFTERWARDS not in session.info:
        session.info[AFTERWARDS] = []
        event.listen(session, "after_commit", _committed)
        event.listen(session, "after_rollback", _rolled_back)
        event.listen(session, "after_soft_rollback", _savepoint_rolled_back)
    later = act, _savepoints(session)
    if later not in session.info[AFTERWARDS]:
        session.info[AFTERWARDS].append(later)


def _savepoints(session: Session) -> list[SessionTransaction]:
    """Those that are open now, the innermost first."""
    found, around = [], session.get_nested_transaction()
    while around is not None:
        found += [around] if around.nested else []
        around = around.parent
    return found


def _committed(session: Session) -> None:
    """Of a savepoint, too: it may still be rolled back with all the rest."""
    if not session.in_nested_transaction():
        done: list[Callable[[], object]] = []
        for act, _savepoints_then in _taken(session):
            if act not in done:
                done.append(act)
                act()


def _rolled_back(session: Session) -> None:
    if not session.in_nested_transaction():
        _taken(session)


def _savepoint_rolled_back(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        left = [later for later in session.info[AFTERWARDS] if transaction not in later[1]]
        session.info[AFTERWARDS] = left


def _taken(session: Session) -> list[tuple[Callable[[], object], list[SessionTransaction]]]:
    """The host's sessions live longer than one transaction."""
    acts = session.info[AFTERWARDS]
    session.info[AFTERWARDS] = []
    return list(acts)


@contextmanager
def reading(database: Database, engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection for one read, that never sees another's unfinished work."""
    host = database.live_session()
    if host is not None and isinstance(engine.pool, StaticPool) and host.info.get(WROTE):
        yield host.connection()  # the one shared connection: closing our own would roll the host back
        return
    with engine.connect() as connection:
        yield connection


def reading_engine(engine: sa.Engine) -> sa.Engine:
    """The same pool without BEGIN and ROLLBACK around each read: two round trips less."""
    if engine.dialect.name == "sqlite":
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")
