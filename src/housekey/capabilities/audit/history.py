"""A person's own security history, and nobody else's: what the log says about one account, to the one who has it.

An administrator who did something here stays unnamed, and so do the administrator's address and device.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from housekey.capabilities.audit import reading
from housekey.capabilities.audit.reading import Filter, Recorded
from housekey.house import House
from housekey.store import users

PAGE = 30
By = Literal["you", "administrator", "operator", "someone", "site"]
BY: dict[str, By] = {"user": "administrator", "operator": "operator", "anonymous": "someone", "app": "site"}


@dataclass(frozen=True)
class Page:
    """Entries, the latest first, and the cursor of the last one if there are more."""

    entries: list[Recorded]
    next: str | None


def own(house: House, user_id: Any, before: str | None) -> Page:
    """What happened on this account since it was made: databases give the number of a deleted user to the next one."""
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, user_id)
    began = user.created_at if user is not None else None
    return page(house, Filter(subject=str(user_id), since=began, before=before), PAGE)


def page(house: House, wanted: Filter, size: int) -> Page:
    """One more is read than is shown, to know whether there are more."""
    found = reading.read(house, wanted, size + 1)
    shown = found[:size]
    return Page(shown, shown[-1].cursor if len(found) > size else None)


def by(entry: Recorded) -> By:
    """Who did it, as the one concerned may know it."""
    return "you" if entry.actor is not None and entry.actor == entry.subject else BY.get(entry.actor_kind, "site")


def shows_place(entry: Recorded) -> bool:
    """Whether address and device are those of the person, or of a stranger who tried."""
    return by(entry) in ("you", "someone")
