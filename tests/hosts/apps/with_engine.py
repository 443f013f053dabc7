"""A plain SQLAlchemy engine, with the scoped session of SQLAlchemy's own tutorial; users have a text as key."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship, scoped_session, sessionmaker

from hosts.apps.common import add_pages, new_app
from housekey import Housekey, UserMixin, current_user, login_required


class Base(DeclarativeBase):
    pass


class User(UserMixin, Base):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(sa.String(36), primary_key=True, default=lambda: f"u-{uuid.uuid4().hex}")
    posts: Mapped[list[Post]] = relationship(order_by="Post.id")


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(sa.String(100))
    owner_id: Mapped[str] = mapped_column(sa.ForeignKey("users.id"))


def make_app(url: str, *, own_session: bool = True, **settings: Any) -> Flask:
    """With a scoped session of the host's, or with the one that Housekey makes."""
    app = new_app("with_engine", url, **settings)
    engine = sa.create_engine(url)
    hosts_session = scoped_session(sessionmaker(engine)) if own_session else None
    accounts = Housekey(app, engine=engine, session=hosts_session, user_model=User)
    Base.metadata.create_all(engine)

    @app.teardown_appcontext
    def close(error: BaseException | None) -> None:
        if hosts_session is not None:
            hosts_session.remove()

    @app.post("/posts/<text>")
    @login_required
    def write(text: str) -> str:
        session = hosts_session or accounts.session
        current_user.posts.append(Post(text=text))
        session.commit()
        return ", ".join(post.text for post in current_user.posts)

    add_pages(app)
    return app
