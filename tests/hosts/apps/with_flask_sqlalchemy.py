"""Flask-SQLAlchemy with the host's own `User`: integer key, more columns, posts. The factory is called many times on
one `db`, as in every larger app."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from hosts.apps.common import add_pages, new_app
from housekey import Housekey, UserMixin, current_user, login_required

db = SQLAlchemy()
accounts = Housekey(db=db)


class User(UserMixin, db.Model):  # type: ignore[name-defined,misc]
    id = db.Column(db.Integer, primary_key=True)
    company = db.Column(db.String(80), nullable=False, default="none")
    joined = db.Column(db.DateTime, nullable=False, default=lambda: datetime.now(UTC))
    posts = db.relationship("Post", back_populates="owner", order_by="Post.id")


class Post(db.Model):  # type: ignore[name-defined,misc]
    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String(100), nullable=False)
    owner_id = db.Column(db.ForeignKey("user.id"), nullable=False)
    owner = db.relationship("User", back_populates="posts")


def make_app(url: str, *, tables: bool = True, **settings: Any) -> Flask:
    app = new_app("with_flask_sqlalchemy", url, **settings)
    db.init_app(app)
    accounts.init_app(app)
    with app.app_context():
        db.create_all() if tables else User.__table__.create(db.engine, checkfirst=True)

    @app.post("/posts/<text>")
    @login_required
    def write(text: str) -> str:
        current_user.posts.append(Post(text=text))
        db.session.commit()
        return ", ".join(post.text for post in current_user.posts)

    @app.post("/company/<company>")
    @login_required
    def move(company: str) -> str:
        current_user.company = company
        db.session.commit()
        return db.session.scalar(sa.select(User.company).filter_by(id=current_user.id))

    add_pages(app)
    return app
