"""People who leave, and the time until they are gone."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from flask import Flask

from housekey.kernel import clock
from housekey.store import sweeping, users
from housekey.store.users import UserFacts
from housekey.testing.mailbox import Mailbox
from rig.people import house_of

WEEK = timedelta(days=7)


def sweep_after(app: Flask, wait: timedelta = WEEK) -> dict[str, int]:
    """What the sweep says that comes so long after now."""
    with app.app_context(), clock.stopped(clock.now() + wait):
        swept = sweeping.sweep(house_of(app))
        Mailbox(app).messages  # noqa: B018  looking delivers what the sweep has written
        return swept


def undo_token(app: Flask, to: str) -> str:
    """The token of the link “This wasn't me” in the latest mail to an address."""
    found = re.search(r"/undo\?token=([\w-]+)", Mailbox(app).last(to=to).text)
    assert found, "the mail can't be undone"
    return found[1]


def facts(app: Flask, user_id: Any) -> UserFacts | None:
    """What is known of a user; None for one who is gone."""
    house = house_of(app)
    with house.read() as connection:
        return users.by_id(connection, house.store.schema, user_id)
