"""Whose database it is: one small adapter for each kind of host."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, scoped_session, sessionmaker

from housekey.errors import ConfigurationError
from housekey.store.schema import INFO_KEY
from housekey.store.user_model import UserMixin

if TYPE_CHECKING:
    from flask import Flask


class Database(Protocol):
    """Where users live."""

    own: bool
    """Whether Housekey made it, and so creates its tables."""
    forget: Callable[[], None] | None
    """Ends the session that Housekey made for the host, with the app context; None where the host's extension does."""

    def user_model(self) -> type: ...
    def new_session(self) -> Session:
        """A session from the host's own factory, so that its options and binds hold."""

    def host_session(self) -> Session:
        """The session that the host's views use; `current_user` belongs to it."""

    def live_session(self) -> Session | None:
        """The host's session if it exists already; looking must not make one."""

    def factory(self) -> Any:
        """What SQLAlchemy's session events are listened for on; None if the host hasn't made it yet."""


class FlaskSQLAlchemy:
    """A `flask_sqlalchemy.SQLAlchemy`."""

    own = False
    forget: Callable[[], None] | None = None

    def __init__(self, db: Any, user: type | None) -> None:
        self._db, self._user = db, user

    def user_model(self) -> type:
        return self._user or _user_of(self._db.metadatas.values())

    def new_session(self) -> Session:
        made: Session = self._db.session.session_factory()
        return made

    def host_session(self) -> Session:
        made: Session = self._db.session()
        return made

    def live_session(self) -> Session | None:
        return self._db.session() if self._db.session.registry.has() else None

    def factory(self) -> Any:
        return self._db.session


class FlaskSQLAlchemyLite:
    """A `flask_sqlalchemy_lite.SQLAlchemy`; it doesn't know the models, so `user_model` must be named."""

    own = False
    forget: Callable[[], None] | None = None

    def __init__(self, app: Flask, db: Any, user: type | None) -> None:
        if user is None:
            raise ConfigurationError(
                "Flask-SQLAlchemy-Lite doesn't know your models: Housekey(app, db, user_model=User)."
            )
        self._app, self._db, self._user = app, db, user

    def user_model(self) -> type:
        return self._user

    def new_session(self) -> Session:
        made: Session = self._db.sessionmaker()
        return made

    def host_session(self) -> Session:
        made: Session = self._db.session
        return made

    def live_session(self) -> Session | None:
        from flask import g

        sessions: dict[str, Session] = g.get("_sqlalchemy_sessions", {})
        return sessions.get("default")

    def factory(self) -> Any:
        with self._app.app_context():
            try:
                return self._db.sessionmaker
            except RuntimeError:
                return None  # db.init_app(app) comes after Housekey's


class PlainSQLAlchemy:
    """An engine, with the host's scoped session if it has one."""

    def __init__(self, engine: sa.Engine, session: Any, user: type, *, own: bool = False) -> None:
        self.own = own
        self._user = user
        self._scoped = session if isinstance(session, scoped_session) else _scoped(engine, session)
        self.engine = engine
        self._made_scope = not isinstance(session, scoped_session)
        self.forget = self._scoped.remove if self._made_scope else None

    def user_model(self) -> type:
        return self._user

    def new_session(self) -> Session:
        made: Session = self._scoped.session_factory()
        return made

    def host_session(self) -> Session:
        return self._scoped()

    def live_session(self) -> Session | None:
        from flask import has_app_context

        if self._made_scope and not has_app_context():
            return None  # tables are made at start-up, before there is one
        return self._scoped() if self._scoped.registry.has() else None

    def factory(self) -> Any:
        return self._scoped

    @property
    def session(self) -> scoped_session[Session]:
        """The scoped session, for hosts that let Housekey make it."""
        return self._scoped


def _scoped(engine: sa.Engine, factory: Any) -> scoped_session[Session]:
    """One session an app context, as Flask-SQLAlchemy has it: an `async def` view runs in another thread."""
    if factory is not None and not isinstance(factory, sessionmaker):
        raise ConfigurationError(
            f"session={factory!r} is no factory that can be watched: give a sessionmaker or a scoped_session of one."
        )
    return scoped_session(factory or sessionmaker(engine), scopefunc=_app_context)


def _app_context() -> int:
    from flask import g

    return id(g._get_current_object())


def _user_of(metadatas: Any) -> type:
    found = [metadata.info[INFO_KEY].user for metadata in metadatas if INFO_KEY in metadata.info]
    if not found:
        raise ConfigurationError(
            "No user model yet: declare `class User(housekey.UserMixin, db.Model)` before the first request, "
            "or name it, Housekey(app, db, user_model=User)."
        )
    user: type = found[0]
    return user


def own_user_model() -> tuple[type[DeclarativeBase], type]:
    """A base class and a `User` for an app that brings none."""

    class Base(DeclarativeBase):
        """Models of an app whose database Housekey made."""

    class User(UserMixin, Base):
        """A person with an account."""

        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)

    return Base, User
