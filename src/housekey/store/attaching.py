"""The host's user object from a row that the session check has read anyway.

A second statement through the ORM costs more than the check itself. For a plainly mapped `User` the object can be
made from the row and put into the host's session, as SQLAlchemy's own `make_transient_to_detached` allows: it is
persistent there, its relationships load and its changes are flushed as ever. Whatever isn't plain (inheritance, eager
relationships, SQL expressions, deferred columns, hooks on loading) is loaded by the ORM.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached

from housekey.store import work
from housekey.store.schema import Schema

LABEL = "housekey_user_"
LAZY = frozenset({"select", True, "raise", "raise_on_sql", "noload", None, "dynamic", "write_only"})


def user_columns(schema: Schema) -> list[sa.ColumnElement[Any]] | None:
    """The columns to select besides the session's, or None if `User` must be loaded by the ORM."""
    mapper = schema.mapper
    if not is_plain(mapper):
        return None
    return [attribute.columns[0].label(LABEL + attribute.key) for attribute in mapper.column_attrs]


def is_plain(mapper: Mapper[Any]) -> bool:
    """Whether an object of this class is nothing but its row."""
    alone = mapper.inherits is None and len(list(mapper.self_and_descendants)) == 1
    plain_table = isinstance(mapper.local_table, sa.Table) and mapper.polymorphic_on is None
    columns = all(_is_plain_column(mapper, attribute) for attribute in mapper.column_attrs)
    lazy = all(relationship.lazy in LAZY for relationship in mapper.relationships)
    unwatched = not mapper.class_manager.dispatch.load and mapper.version_id_col is None
    return alone and plain_table and columns and lazy and unwatched


def _is_plain_column(mapper: Mapper[Any], attribute: Any) -> bool:
    own = len(attribute.columns) == 1 and isinstance(attribute.columns[0], sa.Column)
    return own and attribute.columns[0].table is mapper.local_table and not attribute.deferred


def accepts(host: Session) -> bool:
    """Whether nobody in the host's session wants to see or change what is loaded (a tenant's filter, say)."""
    dispatch: Any = host.dispatch
    others = any(listener is not work.executed for listener in dispatch.do_orm_execute)
    return not others and not dispatch.loaded_as_persistent


def attach(host: Session, schema: Schema, row: sa.RowMapping) -> Any:
    """The user object in the host's session: the one that is there already, or a new one made from the row."""
    mapper = schema.mapper
    values = {attribute.key: row[LABEL + attribute.key] for attribute in mapper.column_attrs}
    key = values[mapper.get_property_by_column(mapper.primary_key[0]).key]
    present = host.identity_map.get(mapper.identity_key_from_primary_key((key,)))
    if present is not None:
        return present
    user = mapper.class_manager.new_instance()
    sa.inspect(user).dict.update(values)
    make_transient_to_detached(user)
    host.add(user)
    return user
