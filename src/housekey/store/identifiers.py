"""What people can type to log in: rows of `housekey_identifiers`, made from the host's `User.email` and `.username`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from housekey.kernel import clock
from housekey.kernel.lookalikes import skeleton
from housekey.kernel.names import email_key, username_key
from housekey.store.schema import Schema

log = logging.getLogger("housekey")
EMAIL, USERNAME = "email", "username"
FURTHER = "further_email"
"""An address beside `User.email`, always verified."""
EMAILS = EMAIL, FURTHER
KEYS: dict[str, Callable[[str], str]] = {EMAIL: email_key, USERNAME: username_key}
"""The attributes of `User` that are identifiers, and what each is found by."""


@dataclass(frozen=True)
class Unusable:
    """An address or username by which a user can't log in: `bearer` has the same one already or, without a bearer, it
    is of a form that nobody types as such."""

    user_id: Any
    kind: str
    bearer: Any | None = None

    def __str__(self) -> str:
        if self.bearer is not None:
            both = f"users {self.bearer} and {self.user_id} have the same {self.kind}"
            return f"{both}: {self.user_id} can't log in by it"
        why = "an @ in the username" if self.kind == USERNAME else "no @ in the e-mail address"
        return f"user {self.user_id} has {why}, and can't log in by it"


def is_usable(kind: str, name: str) -> bool:
    """What holds an @ is looked up as an address, all else as a username; a username with an @ could also equal
    another person's address (flaw 20)."""
    return ("@" in name) == (kind == EMAIL)


def names_of(schema: Schema, user: Any) -> dict[str, str]:
    """What of a host's user object is an identifier, by kind."""
    columns = schema.mapper.columns
    return {kind: str(name) for kind in KEYS if kind in columns and (name := getattr(user, kind, None))}


def name_columns(schema: Schema) -> list[sa.ColumnElement[Any]]:
    """Email and username, in the order of `KEYS`; NULL where `User` has no such column."""
    columns = schema.mapper.columns
    return [(columns[kind] if kind in columns else sa.null()).label(kind) for kind in KEYS]


def add(connection: sa.Connection, schema: Schema, user_id: Any, kind: str, name: str | None) -> None:
    """Register one. Raises `IntegrityError` if somebody has it, like a unique column of the host's own."""
    if not name:
        return
    if not is_usable(kind, name):
        log.warning("%s", Unusable(user_id, kind))
        return
    shape = skeleton(name) if kind == USERNAME else None
    if shape and bearers(connection, schema, "skeleton", [shape]):
        shape = None  # hosts may keep the names they have; registration refuses look-alikes of those that stand here
    connection.execute(sa.insert(schema.tables["identifiers"]), _row(user_id, kind, KEYS[kind](name), shape))


def replace(connection: sa.Connection, schema: Schema, user_id: Any, kind: str, name: str | None) -> None:
    """The user now bears `name`; the former one is free again."""
    identifiers = schema.tables["identifiers"]
    mine = (identifiers.c.user_id == user_id) & (identifiers.c.kind == kind)
    if name and kind == EMAIL and is_usable(kind, name):  # a username's case counts for its look
        same = mine & (identifiers.c.key == KEYS[kind](name))
        if connection.scalar(sa.select(identifiers.c.key).where(same)):
            return  # only its case changed: a verified address stays verified
    connection.execute(sa.delete(identifiers).where(mine))
    if name and kind == EMAIL and _promoted(connection, schema, user_id, KEYS[kind](name)):
        return
    add(connection, schema, user_id, kind, name)


def _promoted(connection: sa.Connection, schema: Schema, user_id: Any, key: str) -> bool:
    """A further address of this user has become that of `User.email`."""
    identifiers = schema.tables["identifiers"]
    further = (identifiers.c.user_id == user_id) & (identifiers.c.kind == FURTHER) & (identifiers.c.key == key)
    return bool(connection.execute(sa.update(identifiers).where(further).values(kind=EMAIL)).rowcount)


def give(connection: sa.Connection, schema: Schema, users: Sequence[Any]) -> list[Unusable]:
    """Register what many users bear (rows of key, email, username). What can't be used is answered, not raised: the
    first bearer keeps it."""
    left = list[Unusable]()
    for number, kind in enumerate(KEYS, start=1):
        named = [(user[0], str(user[number])) for user in users if user[number]]
        left += [Unusable(user_id, kind) for user_id, name in named if not is_usable(kind, name)]
        left += _give(connection, schema, kind, [(u, name) for u, name in named if is_usable(kind, name)])
    return left


def _give(connection: sa.Connection, schema: Schema, kind: str, named: Sequence[tuple[Any, str]]) -> list[Unusable]:
    keys = [KEYS[kind](name) for _user, name in named]
    known = bearers(connection, schema, "key", keys)
    owners, new, left = dict(known), dict[str, tuple[Any, str]](), list[Unusable]()
    for key, (user_id, name) in zip(keys, named, strict=True):
        if owners.setdefault(key, user_id) != user_id:
            left.append(Unusable(user_id, kind, owners[key]))
        elif key not in known:
            new[key] = user_id, name
    shapes = _shapes(connection, schema, {k: name for k, (_user, name) in new.items()}) if kind == USERNAME else {}
    rows = [_row(user_id, kind, key, shapes.get(key)) for key, (user_id, _name) in new.items()]
    if rows:
        connection.execute(sa.insert(schema.tables["identifiers"]), rows)
    return left


def _shapes(connection: sa.Connection, schema: Schema, names: dict[str, str]) -> dict[str, str]:
    """By key, the shapes that no other name has yet."""
    shapes = {key: skeleton(name) for key, name in names.items()}
    taken = set(bearers(connection, schema, "skeleton", list(shapes.values())))
    free = dict[str, str]()
    for key, shape in shapes.items():
        if shape not in taken:
            taken.add(shape)
            free[key] = shape
    return free


def bearers(connection: sa.Connection, schema: Schema, column: str, values: Sequence[str]) -> dict[str, Any]:
    """Who has these keys or shapes."""
    identifiers = schema.tables["identifiers"]
    wanted = sa.select(identifiers.c[column], identifiers.c.user_id).where(identifiers.c[column].in_(values))
    return {row[0]: row[1] for row in connection.execute(wanted)} if values else {}


def _row(user_id: Any, kind: str, key: str, shape: str | None) -> dict[str, Any]:
    return {"key": key, "kind": kind, "user_id": user_id, "skeleton": shape, "created_at": clock.now()}
