"""Letters for tests, and what the outbox holds."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask

from housekey.capabilities.mail import actions
from housekey.capabilities.outbox.delivery import Round, deliver_due
from housekey.house import House
from housekey.kernel import clock
from housekey.kernel.mail import Letter
from housekey.web.here import EXTENSION

ANN = "ann@example.org"


def house_of(app: Flask) -> House:
    house: House = app.extensions[EXTENSION].house
    return house


def letter(to: str = ANN, **about: Any) -> Letter:
    """A small one, that says when."""
    given = {"template": "housekey/mail/mails/test", "purpose": "test", "facts": {"at": clock.now()}}
    return Letter(to=to, **given | about)


def send(app: Flask, to: str = ANN, **about: Any) -> str | None:
    """Post one letter and commit."""
    with app.app_context():
        return house_of(app).run(lambda unit: actions.send(unit, letter(to, **about)))


def deliver(app: Flask) -> Round:
    """One round."""
    with app.app_context():
        return deliver_due(house_of(app))


def outbox(app: Flask) -> list[dict[str, Any]]:
    """Every row, as it lies in the database."""
    house = house_of(app)
    table = house.store.tables["outbox"]
    with app.app_context(), house.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).order_by(table.c.created_at)).mappings()]
