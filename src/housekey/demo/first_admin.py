"""`--admin EMAIL`: the operator of the machine names the first administrator."""

from __future__ import annotations

from typing import Any

from flask import Flask

from housekey.capabilities.registration.events import UserRegistered
from housekey.capabilities.roles import actions as roles
from housekey.house import House, Unit
from housekey.kernel.names import email_key
from housekey.store import users


def make_admin(app: Flask, email: str) -> bool:
    """Give the role `admin` to the bearer of `email`. False: nobody bears it yet, and whoever registers with it
    while this app runs will get the role."""
    house: House = app.extensions["housekey"].house
    with house.read() as connection:
        user = users.by_identifier(connection, house.store.schema, email)
    if user is not None:
        house.run(lambda unit: roles.appoint(unit, user.id, roles.ADMIN))
        return True

    def welcome(event: UserRegistered, session: Any) -> None:
        new = users.by_id(session, house.store.schema, event.user_id)
        if new is not None and new.email and email_key(new.email) == email_key(email):
            roles.appoint(Unit(house, session), new.id, roles.ADMIN)

    house.events.on(UserRegistered, welcome)
    return False
