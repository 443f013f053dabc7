"""Keeps `housekey_identifiers` and `housekey_accounts` in step with the host's own `User` rows.

Hosts write `db.session.add(User(email=…))` as ever; mapper events do the rest, on the same connection and so in
the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper

from housekey.kernel import clock
from housekey.kernel.names import wire_address
from housekey.store import identifiers
from housekey.store.identifiers import Unusable
from housekey.store.schema import Schema, is_user_model, schema_of
from housekey.store.user_model import Hooks

FROM_BEFORE = 0
"""The `security_version` of users who were there before Housekey. What was granted to them then, such as a cookie of
Flask-Login's, may be honoured until the version rises."""
MADE_HERE = 1
"""That of users made since: what an earlier bearer of the same number was granted is not theirs."""


@event.listens_for(Mapper, "after_mapper_constructed")
def _listen(mapper: Mapper[Any], cls: type) -> None:
    if is_user_model(cls):
        event.listen(mapper, "before_insert", _inserting)
        event.listen(mapper, "after_insert", _inserted)
        event.listen(mapper, "after_update", _updated)
        event.listen(mapper, "before_delete", _deleting)


def _inserting(mapper: Mapper[Any], connection: sa.Connection, user: Any) -> None:
    if Hooks.inserting is not None:
        Hooks.inserting(schema_of(type(user)), user)


def _inserted(mapper: Mapper[Any], connection: sa.Connection, user: Any) -> None:
    schema = schema_of(type(user))
    key = _key_of(mapper, user)
    _forget_former(connection, schema, key)
    _make_accounts(connection, schema, [key], MADE_HERE)
    for kind, name in identifiers.names_of(schema, user).items():
        identifiers.add(connection, schema, key, kind, name)
    if Hooks.inserted is not None:
        Hooks.inserted(connection, schema, key, user)


def _updated(mapper: Mapper[Any], connection: sa.Connection, user: Any) -> None:
    schema = schema_of(type(user))
    for kind in identifiers.KEYS:
        if kind in mapper.columns and sa.inspect(user).attrs[kind].history.has_changes():
            identifiers.replace(connection, schema, _key_of(mapper, user), kind, getattr(user, kind))


def _deleting(mapper: Mapper[Any], connection: sa.Connection, user: Any) -> None:
    schema, key = schema_of(type(user)), _key_of(mapper, user)
    _forget_addresses(connection, schema, key, identifiers.names_of(schema, user).get(identifiers.EMAIL, ""))
    forget_user(connection, schema, key)


def _key_of(mapper: Mapper[Any], user: Any) -> Any:
    return mapper.primary_key_from_instance(user)[0]


def forget_user(connection: sa.Connection, schema: Schema, user_id: Any) -> None:
    """Remove every row of ours about this user, and what is personal in those that stay."""
    for table in schema.owned:
        connection.execute(sa.delete(table).where(table.c.user_id == user_id))
    _forget_in_what_stays(connection, schema, user_id)


def _forget_former(connection: sa.Connection, schema: Schema, user_id: Any) -> None:
    """The same for a new user: SQLite gives a deleted user's number to the next one. Nearly always there is nothing, so
    one look comes before twenty deletions."""
    if connection.scalar(schema.once(_anything_owned), {"whose": user_id}):
        forget_user(connection, schema, user_id)
    else:
        _forget_in_what_stays(connection, schema, user_id)


def _anything_owned(schema: Schema) -> sa.Select[Any]:
    whose = sa.bindparam("whose", type_=schema.key.type)
    return sa.select(sa.or_(*(sa.exists().where(table.c.user_id == whose) for table in schema.owned)))


def _forget_in_what_stays(connection: sa.Connection, schema: Schema, user_id: Any) -> None:
    for noun, about in schema.personal.items():
        if about.forget is not None:
            connection.execute(about.forget(schema.tables[noun], user_id))


def _forget_addresses(connection: sa.Connection, schema: Schema, user_id: Any, written: str) -> None:
    """Remove what is kept about the addresses of a user who goes in rows that name nobody: a registration that waited
    for its mail, say. `written`: the user's own, as it is spelt; beyond ASCII a database may know no small letters, and
    a domain has two spellings."""
    names = schema.tables["identifiers"]
    mine = sa.select(names.c.key).where(names.c.user_id == user_id, names.c.kind.in_(identifiers.EMAILS))
    keys = list(connection.scalars(mine))
    spelt = [written, wire_address(written)] if written else []
    for noun, about in schema.personal.items() if keys else ():
        if about.address is not None:
            table = schema.tables[noun]
            address = table.c[about.address]
            bears = sa.func.lower(address).in_(keys) | address.in_(spelt)
            connection.execute(sa.delete(table).where(table.c[about.subject].is_(None), bears))


def forget_leftovers(connection: sa.Connection, schema: Schema, keys: Sequence[Any]) -> None:
    """The same for those of many new users who bear the number of one that was deleted past SQLAlchemy."""
    accounts = schema.tables["accounts"]
    for user_id in connection.scalars(sa.select(accounts.c.user_id).where(accounts.c.user_id.in_(keys))).all():
        forget_user(connection, schema, user_id)


def adopt(
    connection: sa.Connection, schema: Schema, users: Sequence[Any], version: int = FROM_BEFORE
) -> list[Unusable]:
    """Make account rows and identifiers for users that the host has made without us (rows of key, email, username).

    Answers what they can't log in by.
    """
    _make_accounts(connection, schema, [user[0] for user in users], version)
    return identifiers.give(connection, schema, users)


def _make_accounts(connection: sa.Connection, schema: Schema, keys: Sequence[Any], version: int) -> None:
    rows = [{"user_id": key, "security_version": version, "created_at": clock.now()} for key in keys]
    if rows:
        connection.execute(sa.insert(schema.tables["accounts"]), rows)
