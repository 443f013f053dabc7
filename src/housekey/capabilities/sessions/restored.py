"""After a backup was put back: what was ended since it was taken would be open again, and what was used could be used
once more. So all of it ends."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from housekey.capabilities.sessions.actions import revoke_all
from housekey.house import House, Unit
from housekey.store.batches import Progress

GRANTS = ("attempts", "links")
"""Tables whose rows let somebody in by themselves, where this release has them. Known devices grant nothing."""


@dataclass(frozen=True)
class Ended:
    """How many there were."""

    sessions: int
    attempts: int
    links: int


def end_everything(house: House, progress: Progress) -> Ended:
    """End all sessions, logins under way and links that were mailed. Can be interrupted and run again."""
    counts = house.run(_delete_grants)
    return Ended(sessions=revoke_all(house, progress), **counts)


def _delete_grants(unit: Unit) -> dict[str, int]:
    there = {noun: unit.tables[noun] for noun in GRANTS if noun in unit.tables}
    deleted = {noun: int(unit.execute(sa.delete(table)).rowcount) for noun, table in there.items()}
    return dict.fromkeys(GRANTS, 0) | deleted
