"""In a host with several engines, statements about users and our tables go to the engine that holds `User`.

SQLAlchemy's sessions find the engine of a mapped class by themselves, but not that of a Core table, and
Flask-SQLAlchemy finds it for INSERT, UPDATE and DELETE only.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import UnboundExecutionError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.sql import visitors

from housekey.store.schema import Schema

ROUTED = "housekey_routes"
LIBRARIES = ("sqlalchemy", "flask_sqlalchemy", "flask_sqlalchemy_lite")
"""Theirs answers the same for as long as the app lives."""


def is_needed(session: Session, schema: Schema) -> bool:
    """Whether a statement that says nothing about its engine would go to another one."""
    try:
        usual = session.get_bind()
    except UnboundExecutionError:
        return True
    return usual is not session.get_bind(mapper=schema.mapper)


def is_the_hosts_own(session: Session) -> bool:
    """Whether a host has written `get_bind` itself: only it knows when the answer changes."""
    return type(session).get_bind.__module__.partition(".")[0] not in LIBRARIES


def route(made: type[Session], schema: Schema) -> None:
    """Watch the statements of all sessions of a host's class; once for each schema."""
    known: set[Schema] = vars(made).get(ROUTED) or set()
    if schema in known:
        return
    setattr(made, ROUTED, known | {schema})
    ours = {*schema.tables.values(), schema.mapper.local_table}

    def to_the_users(state: ORMExecuteState) -> Any:
        if state.bind_arguments.keys().isdisjoint(("mapper", "bind")) and _touches(state.statement, ours):
            return state.invoke_statement(bind_arguments={"mapper": schema.mapper})
        return None

    event.listen(made, "do_orm_execute", to_the_users)


def _touches(statement: Any, tables: set[sa.FromClause]) -> bool:
    return any(part in tables for part in visitors.iterate(statement) if isinstance(part, sa.Table))
