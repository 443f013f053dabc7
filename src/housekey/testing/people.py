"""Users for tests, in the app's own database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any

from flask import Flask, current_app, has_app_context

from housekey.capabilities.roles import actions as roles_
from housekey.house import House, Unit
from housekey.store import users
from housekey.store.recognition import key_of
from housekey.web.here import EXTENSION

PASSWORD = "correct horse battery staple"  # noqa: S105  everybody may know it
"""The password of the users that tests make."""
_numbers = count(1)


def make_user(
    app: Flask,
    *,
    password: str | None = PASSWORD,
    roles: Sequence[str] = (),
    permissions: Sequence[str] = (),
    verified: bool = True,
    disabled: bool = False,
    **columns: Any,
) -> Any:
    """Make a user and commit; answers an object of the app's own user model.

    password     None: without one
    roles        made if they don't exist
    permissions  given by a role of the user's own
    verified     whether the e-mail address counts as verified
    columns      of the model; `email` and `name` are made up if they aren't given

    Outside an app context the object is detached: its columns are loaded, its relationships are not.
    """
    house: House = app.extensions[EXTENSION].house
    with within(app):
        user = _insert(house, password, columns)
        with house.write() as unit:
            _grant(unit, key_of(user), roles, permissions)
            if verified:
                _verify(unit, key_of(user))
            if disabled:
                users.set_disabled(unit.session, unit.schema, key_of(user), True)
    return user


@contextmanager
def within(app: Flask) -> Iterator[None]:
    """The context that the test holds open, so that the object belongs to the test's own session; else one of ours."""
    if has_app_context() and current_app._get_current_object() is app:  # type: ignore[attr-defined]
        yield
    else:
        with app.app_context():
            yield


def _insert(house: House, password: str | None, columns: dict[str, Any]) -> Any:
    model, number = house.store.user_model, next(_numbers)
    made_up = {"email": f"person{number}@example.org", "name": f"Person {number}"}
    known = house.store.schema.mapper.columns
    user = model(**{name: value for name, value in made_up.items() if name in known} | columns)
    if password is not None:
        user.set_password(password)
    session = house.store.database.host_session()
    session.add(user)
    session.commit()
    session.refresh(user)
    session.commit()  # ends the read, and keeps what it has loaded
    return user


def _grant(unit: Unit, user_id: Any, roles: Sequence[str], permissions: Sequence[str]) -> None:
    for name in roles:
        if not roles_.exists(unit, name):
            roles_.create(unit, name)
        roles_.grant(unit, user_id, name)
    if permissions:
        own = f"of-user-{user_id}".lower()
        roles_.create(unit, own, permissions)
        roles_.grant(unit, user_id, own)


def _verify(unit: Unit, user_id: Any) -> None:
    user = users.by_id(unit.session, unit.schema, user_id)
    if user is not None and user.email:
        users.mark_verified(unit.session, unit.schema, user_id, user.email)
