"""A host whose people have more to say about themselves: required, optional, typed, unique and bounded columns.

Many tests share one `db` and one `User`, as an app factory's apps do.
"""

from __future__ import annotations

import enum
from datetime import date
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy
from msgspec import Meta, Struct
from sqlalchemy.orm import Mapped, mapped_column

from housekey import Housekey, UserMixin, current_user
from rig.apps import PASSWORD, QUICK

ANN, BOB = "ann@example.test", "bob@example.test"
COMPANY = {"company": "Acme", "letters": True}
db = SQLAlchemy()


class User(UserMixin, db.Model):  # type: ignore[name-defined,misc]
    """The host's own columns: most are declared below, `admin` never is."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60), default="Somebody")
    company: Mapped[str | None] = mapped_column(sa.String(15))
    letters: Mapped[bool] = mapped_column(default=False)
    born: Mapped[date | None]
    size: Mapped[str | None] = mapped_column(sa.String(20))
    plan: Mapped[str] = mapped_column(sa.String(10), default="free")
    desk: Mapped[int | None] = mapped_column(sa.SmallInteger, sa.CheckConstraint("desk <> 13"))
    badge: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    motto: Mapped[str | None] = mapped_column(sa.Text)
    admin: Mapped[bool] = mapped_column(default=False)


class Size(enum.Enum):
    SMALL = "small"
    LARGE = "large"


class Profile(Struct, kw_only=True):
    """What people say about themselves."""

    company: Annotated[str, Meta(title="Company", max_length=20)]
    letters: Annotated[bool, Meta(title="Send me letters")] = False
    born: Annotated[date, Meta(title="Born")] | None = None
    size: Size | None = None
    plan: Literal["free", "paid"] = "free"
    desk: Annotated[int, Meta(title="Desk")] | None = None
    badge: Annotated[str, Meta(title="Badge")] | None = None
    motto: str | None = None

    def __post_init__(self) -> None:
        if self.plan == "paid" and self.company == "none":
            raise ValueError("A paid plan needs a company.")


def host_app(url: str = "sqlite://", **settings: Any) -> Flask:
    """An app with Flask-SQLAlchemy and declared fields; `app.accounts` is its Housekey. `/name` shows what
    `current_user` is called."""
    app = Flask("host")
    app.config.update(QUICK | {"SECRET_KEY": "k" * 40, "SQLALCHEMY_DATABASE_URI": url, **settings})
    db.init_app(app)
    accounts = Housekey(app, db)
    accounts.registration_fields(Profile)
    app.accounts = accounts  # type: ignore[attr-defined]
    app.add_url_rule("/name", "name", lambda: current_user.name)
    with app.app_context():
        db.create_all()
    return app


def enrolled(app: Flask, email: str = ANN, **more: Any) -> FlaskClient:
    """A browser whose user has just registered, with a company."""
    client = app.test_client()
    answer = client.post("/account/api/register", json={"email": email, "password": PASSWORD, **COMPANY, **more})
    assert answer.status_code == 201, answer.text
    return client


def columns_of(app: Flask, email: str = ANN) -> dict[str, Any]:
    """The columns of a user, as they stand in the database."""
    with app.app_context():
        user = db.session.scalars(sa.select(User).filter_by(email=email)).one()
        return {column.key: getattr(user, column.key) for column in User.__table__.columns}
