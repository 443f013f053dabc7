"""People of a test app: who they are, what they may do, and what happens to them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeVar

from flask import Flask
from flask.testing import FlaskClient

from housekey.capabilities.roles import actions as roles
from housekey.events import Event
from housekey.house import House
from housekey.store import users
from rig.apps import registered

E = TypeVar("E", bound=Event)
ADMIN = "root@example.test"


def house_of(app: Flask) -> House:
    """The house of an app of `rig.apps`."""
    found: House = app.extensions["housekey"].house
    return found


def id_of(app: Flask, identifier: str = "ann@example.test") -> Any:
    """The key of whoever bears an address or a username."""
    house = house_of(app)
    with house.read() as connection:
        user = users.by_identifier(connection, house.store.schema, identifier)
    assert user is not None
    return user.id


def role(app: Flask, name: str, *permissions: str) -> None:
    """Make a role, or give an existing one these permissions."""
    house_of(app).run(lambda unit: roles.create(unit, name, permissions))


def grant(app: Flask, identifier: str, *names: str) -> None:
    """Give a user these roles, which exist; `admin` is made."""
    user_id = id_of(app, identifier)
    with house_of(app).write() as unit:
        for name in names:
            roles.appoint(unit, user_id, name)


def revoke(app: Flask, identifier: str, name: str) -> None:
    """Take a role from a user."""
    user_id = id_of(app, identifier)
    house_of(app).run(lambda unit: roles.revoke(unit, user_id, name))


def held(app: Flask, identifier: str) -> Collection[str]:
    """The names of a user's roles."""
    house = house_of(app)
    return sorted(house.grants(house, id_of(app, identifier))[0])


def administrator(app: Flask, email: str = ADMIN, **more: Any) -> FlaskClient:
    """A browser of somebody with the built-in role `admin`, freshly logged in."""
    client = registered(app, email, **more)
    grant(app, email, roles.ADMIN)
    return client


def heard(app: Flask, kind: type[E]) -> list[E]:
    """A list to which every event of this kind will be added."""
    events: list[E] = []
    house_of(app).events.on(kind, lambda event, session: events.append(event))
    return events
