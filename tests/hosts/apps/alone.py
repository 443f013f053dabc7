"""Housekey alone: it makes the engine, the tables and `User`; the app adds a table of its own."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Mapped, mapped_column

from hosts.apps.common import add_pages, new_app
from housekey import Housekey, current_user, login_required


def make_app(url: str, **settings: Any) -> Flask:
    app = new_app("alone", url, **settings)
    accounts = Housekey(app)

    class Post(accounts.Base):  # type: ignore[name-defined,misc]
        __tablename__ = "posts"
        id: Mapped[int] = mapped_column(primary_key=True)
        owner: Mapped[int] = mapped_column(sa.ForeignKey("users.id"))
        text: Mapped[str] = mapped_column(sa.String(100))

    @app.post("/posts/<text>")
    @login_required
    def write(text: str) -> str:
        accounts.session.add(Post(owner=current_user.id, text=text))
        accounts.session.commit()
        posts = accounts.session.scalars(sa.select(Post.text).filter_by(owner=current_user.id).order_by(Post.id))
        return ", ".join(posts)

    add_pages(app)
    return app
