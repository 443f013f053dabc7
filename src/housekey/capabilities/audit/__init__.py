"""The audit log: every event, in chains that show what was changed or taken out."""

from functools import partial
from typing import Any

from housekey.capabilities.audit import retention, tables
from housekey.capabilities.audit.chains import Chains
from housekey.capabilities.audit.entries import entry_of
from housekey.capabilities.audit.settings import AuditSettings
from housekey.capability import Capability
from housekey.events import Event
from housekey.house import House, Unit


def start(house: House) -> None:
    """Hear of everything, and write it down in the same transaction."""
    house.events.on(Event, partial(_record, house, Chains(house)))
    house.sweepers += [partial(retention.give_up, house), partial(retention.seal_anew, house)]


def _record(house: House, chains: Chains, event: Event, session: Any) -> None:
    chains.append(Unit(house, session), entry_of(event, house.circumstances()))


capability = Capability(
    name="audit",
    settings=AuditSettings,
    tables=tables.define,
    start=start,
)
