"""The outcome of the road as JSON."""

from __future__ import annotations

from typing import Any

from housekey.errors import NotLoggedIn
from housekey.login import Outcome, Parked
from housekey.store import users
from housekey.web.here import asking, state
from housekey.web.opening import carry_out
from housekey.web.profiles import extra_names, profile_of
from housekey.web.shapes import (
    ChallengedShape,
    ChallengeShape,
    OpenedShape,
    SessionShape,
    UserShape,
    session_shape,
    user_shape,
)

Answer = tuple[OpenedShape | ChallengedShape, int]


def answer(outcome: Outcome, status: int = 200) -> Answer:
    """The session that is open (`status`), or what is asked next (202). Raises `NotLoggedIn` if somebody has ended the
    session, or deleted the user, in the moment since."""
    carry_out(outcome)
    if isinstance(outcome, Parked):
        return challenged(outcome)
    session = shown_session()
    return OpenedShape(user=_just_opened(outcome.user), session=session), status


def challenged(outcome: Parked) -> tuple[ChallengedShape, int]:
    """What is asked next."""
    challenge = outcome.challenge
    return ChallengedShape(challenge=ChallengeShape(type=challenge.type, details=challenge.details)), 202


def shown_user(user_id: Any) -> UserShape:
    """A user with the fields that the host has added. Raises `NotLoggedIn` for one who is gone."""
    house = state().house
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, user_id)
        profile = profile_of(connection, user_id)
    if user is None:
        raise NotLoggedIn()
    return user_shape(house, user, profile)


def _just_opened(user: users.UserFacts) -> UserShape:
    """As the user was read under the lock of the login; only what the host has added is read here."""
    house = state().house
    if not extra_names():
        return user_shape(house, user)
    with house.read() as connection:
        return user_shape(house, user, profile_of(connection, user.id))


def shown_session() -> SessionShape:
    """The session of this request. Raises `NotLoggedIn`."""
    record = asking().record
    if record is None:
        raise NotLoggedIn()
    return session_shape(record, record.id)
