"""Users are named by the host's own keys: UUIDs and texts go in and out of addresses as well as numbers."""

import uuid

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from housekey import Housekey, UserMixin
from rig.apps import QUICK, registered
from rig.people import administrator, id_of, role


def by_uuid():
    class Base(DeclarativeBase):
        pass

    class User(UserMixin, Base):
        __tablename__ = "people"
        id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)

    return User


def by_text():
    class Base(DeclarativeBase):
        pass

    class User(UserMixin, Base):
        __tablename__ = "people"
        id: Mapped[str] = mapped_column(sa.String(40), primary_key=True, default=lambda: f"p|{uuid.uuid4()}")

    return User


@pytest.fixture
def schema():
    """Nothing: the tables take the type of each model's key."""


@pytest.fixture(params=[by_uuid, by_text])
def app(request, database_url):
    app = Flask("keys")
    app.config.update(QUICK | {"SECRET_KEY": "k" * 40, "HOUSEKEY_CREATE_TABLES": True})
    engine = sa.create_engine(database_url)
    app.accounts = Housekey(app, engine=engine, user_model=request.param())
    app.test_client().get("/account/login")
    return app


def test_users_are_found_shown_and_changed_by_their_keys(app):
    root, ann = administrator(app), registered(app, name="Ann")
    role(app, "staff")
    key = str(id_of(app))
    listed = root.get("/account/api/admin/users?query=Ann").json["users"]
    assert [user["id"] for user in listed] == [key]
    page = root.get("/account/admin/users").text
    place = page.split('<a href="/account/admin/users/')[1].split('"')[0]
    assert root.get(f"/account/admin/users/{place}").status_code == 200
    changed = root.patch(f"/account/api/admin/users/{key}", json={"roles": ["staff"], "disabled": True})
    assert (changed.json["id"], changed.json["roles"]) == (key, ["staff"])
    assert ann.get("/account/api/me").status_code == 401


def test_a_key_that_nobody_has_is_not_found(app):
    root = administrator(app)
    for key in ("x", "1", "0" * 32, "p|x", "%7B%7D", "9" * 500, "%00", "P%7C" + "0" * 36, "é" * 300):
        assert root.get(f"/account/admin/users/{key}").status_code == 404, key
        assert root.patch(f"/account/api/admin/users/{key}", json={"disabled": True}).status_code == 404, key
