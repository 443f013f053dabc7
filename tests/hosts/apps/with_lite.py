"""Flask-SQLAlchemy-Lite: the models have a base class of their own, users have a UUID."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from hosts.apps.common import add_pages, new_app
from housekey import Housekey, UserMixin, current_user, login_required

db = SQLAlchemy()


class Base(DeclarativeBase):
    pass


class User(UserMixin, Base):
    __tablename__ = "users"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    posts: Mapped[list[Post]] = relationship(order_by="Post.id")


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(sa.String(100))
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"))


accounts = Housekey(db=db, user_model=User)


def make_app(url: str, **settings: Any) -> Flask:
    app = new_app("with_lite", url, **settings)
    db.init_app(app)
    accounts.init_app(app)
    with app.app_context():
        Base.metadata.create_all(db.engine)

    @app.post("/posts/<text>")
    @login_required
    def write(text: str) -> str:
        current_user.posts.append(Post(text=text))
        db.session.commit()
        return ", ".join(post.text for post in current_user.posts)

    add_pages(app)
    return app
