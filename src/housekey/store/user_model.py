"""`UserMixin`: what makes a host's model the user of its app.

No secret is ever a column of `User`, so that loading, printing, filtering or serialising a user can't leak
one (flaw 19). Columns use `declared_attr`: plain annotated ones on a mixin break hosts with MappedAsDataclass. A
host that declares a column of the same name wins; `username = None` leaves a column out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, object_session

from housekey.errors import ConfigurationError
from housekey.store.schema import schema_of
from housekey.store.types import KEY_LENGTH

NAME_LENGTH = 100
USERNAME_LENGTH = 64


class Hooks:
    """What `User.set_password` and `check_password` do; filled in by the capability passwords."""

    set_password: Callable[[Any, str], None] | None = None
    check_password: Callable[[Any, str], bool] | None = None
    inserting: Callable[[Any, Any], None] | None = None
    """Called with schema and user before the INSERT of a user."""
    inserted: Callable[[Any, Any, Any, Any], None] | None = None
    """Called with connection, schema, key and user after the INSERT of a user."""


class UserMixin:
    """Add to the model of your users: `class User(UserMixin, db.Model)`.

    Brings the columns `email`, `username` and `name`, and Flask-Login's interface.
    """

    __housekey_user__ = True

    if TYPE_CHECKING:
        email: Mapped[str | None]
        username: Mapped[str | None]
        name: Mapped[str | None]
    else:
        # Without annotations: SQLAlchemy takes an annotated column of a mixin for a field of the host's dataclass.
        @declared_attr
        def email(cls):
            return mapped_column(sa.String(KEY_LENGTH), nullable=True, default=None)

        @declared_attr
        def username(cls):
            return mapped_column(sa.String(USERNAME_LENGTH), nullable=True, default=None)

        @declared_attr
        def name(cls):
            return mapped_column(sa.String(NAME_LENGTH), nullable=True, default=None)

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def is_anonymous(self) -> bool:
        return False

    @property
    def is_active(self) -> bool:
        """Whether the account is neither disabled nor frozen. A host's own class may have reasons of its own."""
        session, state = object_session(self), sa.inspect(self)
        if session is None or not state.persistent:
            return True
        accounts = schema_of(type(self)).tables["accounts"]
        mine = accounts.c.user_id == state.mapper.primary_key_from_instance(self)[0]
        with session.no_autoflush:
            shut = sa.func.coalesce(accounts.c.disabled_at, accounts.c.frozen_at)
            return session.scalar(sa.select(shut).where(mine)) is None

    def get_id(self) -> str:
        """The key as text, as Flask-Login asks for it."""
        return str(sa.inspect(self).mapper.primary_key_from_instance(self)[0])

    def set_password(self, password: str) -> None:
        """Give this user a new password, in the transaction of the session that the user belongs to.

        Ends the user's other sessions. Judges no rules: those belong to the forms of people.
        """
        if Hooks.set_password is None:
            raise ConfigurationError("set_password needs an app context of an app with Housekey.")
        Hooks.set_password(self, password)

    def check_password(self, password: str) -> bool:
        """Whether this is the user's password; counted and throttled like a login."""
        if Hooks.check_password is None:
            raise ConfigurationError("check_password needs an app context of an app with Housekey.")
        return Hooks.check_password(self, password)

    def __eq__(self, other: object) -> bool:
        return self.get_id() == other.get_id() if isinstance(other, UserMixin) else NotImplemented

    __hash__ = object.__hash__


class AnonymousUserMixin:
    """Nobody in particular: what `current_user` is when no one is logged in."""

    is_authenticated = False
    is_active = False
    is_anonymous = True

    def get_id(self) -> None:
        return None
