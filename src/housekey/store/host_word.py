"""The host's own word about a user: an `is_active` that says more than that the account isn't disabled."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from housekey.store import Store
from housekey.store.user_model import UserMixin


def lets_in(store: Store, user_id: Any) -> bool:
    """Whether the host's `User.is_active`, a property or a column, is true. Nothing is read where it is ours."""
    if inspect.getattr_static(store.user_model, "is_active") is inspect.getattr_static(UserMixin, "is_active"):
        return True
    return says(store, user_id, lambda user: user.is_active)


def says(store: Store, user_id: Any, ask: Callable[[Any], Any]) -> bool:
    """What a function of the host's says about its own user; False for one who is gone."""
    store.refuse_if_host_wrote()  # with a pool of one connection, ending our session would undo the host's work
    with store.database.new_session() as session:
        user = session.get(store.user_model, user_id)
        return user is not None and bool(ask(user))
