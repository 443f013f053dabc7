"""Housekey's tables stand in the MetaData of the host's `User` and copy the type of its key.

They are defined when `User` is mapped, so it doesn't matter whether Housekey or the model comes first, nor how
many apps share one `db`. Foreign keys to `User` never cascade: Alembic's batch mode on SQLite rebuilds the
host's table by dropping it, and a cascade would then silently delete every password.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapper
from sqlalchemy.schema import conv, sort_tables

from housekey.errors import ConfigurationError
from housekey.store import personal
from housekey.store.autogenerate import hide_tables
from housekey.store.personal import About, OfUser

S = TypeVar("S")
PREFIX = "housekey_"
INFO_KEY = "housekey"
Definer = Callable[["Schema"], None]
Expired = Callable[[sa.Table, datetime], sa.ColumnElement[bool]]
"""The condition under which a row is of no more use at a moment; see `store.sweeping`."""
_definers: list[Definer] = []


def declare(definer: Definer) -> None:
    """Register a function that adds tables to every schema; called once when Housekey is imported."""
    _definers.append(definer)


class Schema:
    """The `housekey_*` tables beside one `User` class."""

    def __init__(self, user: type) -> None:
        mapper: Mapper[Any] = sa.inspect(user)
        if len(mapper.primary_key) != 1:
            raise ConfigurationError(
                f"{user.__name__} needs a primary key of one column; Housekey's tables refer to users by it."
            )
        self.user = user
        self.mapper = mapper
        self.key = cast("sa.Column[Any]", mapper.primary_key[0])
        self.metadata: sa.MetaData = self.key.table.metadata
        self.tables: dict[str, sa.Table] = {}
        self.expiring: dict[str, Expired] = {}
        self.about: dict[str, About] = {}
        self.granting: list[str] = []
        self.sealed: dict[str, tuple[str, ...]] = {}
        self._made: dict[Callable[[Schema], Any], Any] = {}
        for definer in _definers:
            definer(self)
        hide_tables(PREFIX)

    def table(
        self,
        noun: str,
        *parts: Any,
        indexes: dict[str, tuple[str, ...]] | None = None,
        expired: Expired | None = None,
        about: About | None = None,
        grants: bool = False,
        sealed: tuple[str, ...] = (),
    ) -> sa.Table:
        """Add table `housekey_<noun>`. Every constraint gets a name, so that a migration can change it.

        `expired` says which rows `flask housekey sweep` may delete:
        `expired=lambda table, moment: table.c.expires_at < moment`. `about` says what of the rows a person gets to read
        and what becomes of them when the person goes; see `store.personal`. Raises `ConfigurationError` without it.
        `grants`: a row lets somebody in by itself, and none outlives the return of a backup. `sealed`: columns of
        encrypted texts, each in the place of its table, column and primary key; see `store.resealing`.
        """
        name = PREFIX + noun
        table = sa.Table(name, self.metadata, *parts)
        table.primary_key.name = conv(f"pk_{name}")
        for suffix, columns in (indexes or {}).items():
            sa.Index(conv(f"ix_{name}_{suffix}"), *(table.c[column] for column in columns))
        self.about[noun] = personal.check(table, about)
        self.tables[noun] = table
        if expired is not None:
            self.expiring[noun] = expired
        if grants:
            self.granting.append(noun)
        if sealed:
            self.sealed[noun] = sealed
        return table

    def once(self, make: Callable[[Schema], S]) -> S:
        """What `make` makes of this schema, made once: a statement of many columns takes longer to build than to run.
        What differs from call to call is a `bindparam`."""
        if make not in self._made:
            self._made[make] = make(self)
        return cast("S", self._made[make])

    def takes_long_text(self, name: str) -> bool:
        """Whether a column of `User` is a `Text`, which several lines are written into."""
        return isinstance(self.mapper.columns[name].type, sa.Text)

    def user_column(self, table: str, *, primary_key: bool = False, nullable: bool = False) -> sa.Column[Any]:
        """A column `user_id` that refers to the host's `User` and has its key's type."""
        link = sa.ForeignKey(self.key, name=conv(f"fk_{PREFIX}{table}_user_id"))
        return sa.Column("user_id", link, primary_key=primary_key, nullable=nullable, autoincrement=False)

    @cached_property
    def owned(self) -> list[sa.Table]:
        """The tables that hold rows of a user, those that refer to others of ours first."""
        return [table for table in reversed(sort_tables(self.tables.values())) if "user_id" in table.c]

    @property
    def personal(self) -> dict[str, OfUser]:
        """What each table that is about users says of its rows, by its noun."""
        return {noun: about for noun, about in self.about.items() if isinstance(about, OfUser)}

    @property
    def stands(self) -> bool:
        """Whether the tables are in the MetaData still; `MetaData.clear()` takes them out."""
        return all(self.metadata.tables.get(table.key) is table for table in self.tables.values())


def unique(table: str, *columns: str) -> sa.UniqueConstraint:
    """A named unique constraint."""
    return sa.UniqueConstraint(*columns, name=conv(f"uq_{PREFIX}{table}_{'_'.join(columns)}"))


def schema_of(user: type) -> Schema:
    """The schema of a mapped `User` or of a class below it; made on the first call for its MetaData."""
    mapper = _topmost(sa.inspect(user))
    metadata = mapper.primary_key[0].table.metadata
    have: Schema | None = metadata.info.get(INFO_KEY)
    if have is None or not have.stands:
        have = metadata.info[INFO_KEY] = Schema(mapper.class_)
    elif have.user is not mapper.class_:
        raise ConfigurationError(
            f"{have.user.__name__} is the user model of this MetaData already; {user.__name__} can't be a second one."
        )
    return have


def _topmost(mapper: Mapper[Any]) -> Mapper[Any]:
    """The mapper of `User` itself, for a class that inherits from it: an administrator has a user's number."""
    while mapper.inherits is not None and is_user_model(mapper.inherits.class_):
        mapper = mapper.inherits
    return mapper


def is_user_model(cls: type) -> bool:
    """Whether a class is marked by `UserMixin`."""
    return bool(getattr(cls, "__housekey_user__", False))


@event.listens_for(Mapper, "after_mapper_constructed")
def _mapped(mapper: Mapper[Any], cls: type) -> None:
    if is_user_model(cls):
        schema_of(cls)
