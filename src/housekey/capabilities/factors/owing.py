"""Who must have a second factor, and by when."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from housekey.capabilities.factors.settings import EVERYBODY, PERMITTED, ROLE, FactorSettings, named
from housekey.house import House
from housekey.kernel import clock
from housekey.store import users
from housekey.store.host_word import says
from housekey.store.users import UserFacts

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def due_at(house: House, user: UserFacts) -> datetime | None:
    """When this person must have one at the latest; None: nobody asks for it."""
    settings = house.settings[FactorSettings]
    if not _is_asked_of(house, user.id, settings.required_for):
        return None
    begins = datetime.combine(settings.required_from, time(), UTC) if settings.required_from else LONG_AGO
    return max(user.created_at or LONG_AGO, begins) + settings.grace


def due_at_of(house: House, user_id: Any) -> datetime | None:
    """The same by the key of the user."""
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, user_id)
    return due_at(house, user) if user is not None else None


def is_due_of(house: House, user_id: Any) -> bool:
    """Whether this person must have one by now. Not inside a unit of work: it reads, and may ask the host."""
    due = due_at_of(house, user_id)
    return due is not None and due <= clock.now()


def is_due(house: House, user: UserFacts) -> bool:
    """Whether no session opens without one any more."""
    due = due_at(house, user)
    return due is not None and due <= clock.now()


def _is_asked_of(house: House, user_id: Any, required_for: Any) -> bool:
    if callable(required_for):
        return says(house.store, user_id, required_for)
    names = named(required_for)
    if not names or EVERYBODY in names:
        return bool(names)
    roles, permissions = house.grants(house, user_id)
    return not names.isdisjoint({ROLE + role for role in roles} | {PERMITTED + allowed for allowed in permissions})
