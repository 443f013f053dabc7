"""Users of every kind of key, and a store on a database of its own."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, mapped_column

import housekey.capabilities  # noqa: F401  declares all tables
from housekey import UserMixin
from housekey.store import Store
from housekey.store.creation import create_tables
from housekey.store.database import PlainSQLAlchemy
from housekey.store.engine import make_engine

KEYS: dict[str, Any] = {
    "int": lambda: mapped_column(sa.Integer, primary_key=True),
    "bigint": lambda: mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    "uuid": lambda: mapped_column(sa.Uuid, primary_key=True, default=uuid.uuid4),
    "string": lambda: mapped_column(sa.String(40), primary_key=True, default=lambda: uuid.uuid4().hex),
}


def make_user(key: str = "int", metadata: sa.MetaData | None = None) -> Any:
    """A `User` of its own, in a MetaData of its own."""

    class Base(DeclarativeBase):
        pass

    if metadata is not None:
        Base.metadata = metadata

    class User(UserMixin, Base):
        __tablename__ = "people"
        id = KEYS[key]()

    return User


def make_store(url: str, user: Any = None) -> Store:
    """A store on the database at `url`; nothing is made there."""
    return Store(PlainSQLAlchemy(make_engine(url), None, user or make_user()))


def filled(url: str) -> None:
    """Our tables beside `people`, in the database at `url`."""
    create_tables(make_store(url))


def add_users(store: Store, *rows: dict[str, Any]) -> list[Any]:
    """Users made by the host's ORM; answers their keys."""
    with store.write() as session:
        users = [store.user_model(**row) for row in rows]
        session.add_all(users)
        session.flush()
        return [user.id for user in users]


def rows(store: Store, noun: str) -> list[dict[str, Any]]:
    """All rows of one of our tables."""
    with store.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(store.tables[noun])).mappings()]
