"""After a backup was put back: what was ended since it was taken would be open again, what was used could be used
once more, and what was mailed would be mailed again. So all of it ends; and whoever is leaving can once more stay."""

from __future__ import annotations

import sqlalchemy as sa

from housekey.capabilities.leaving.closing import put_off_all
from housekey.capabilities.outbox import actions as outbox
from housekey.capabilities.sessions.actions import revoke_all
from housekey.house import House, Unit
from housekey.login import bridge
from housekey.store.batches import Progress


def end_everything(house: House, progress: Progress) -> dict[str, int]:
    """End all sessions and delete all that lets somebody in by itself; says how many there were. Known devices grant
    nothing, and stay. Can be interrupted and run again."""
    house.run(bridge.close)
    counts = house.run(_delete_grants) | {"mails": house.run(outbox.drop_all), "closings": house.run(put_off_all)}
    return {"sessions": revoke_all(house, progress)} | counts


def _delete_grants(unit: Unit) -> dict[str, int]:
    return {noun: int(unit.execute(sa.delete(unit.tables[noun])).rowcount) for noun in unit.schema.granting}
