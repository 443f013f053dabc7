"""The audit log: every event, in chains that show what was changed or taken out."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from housekey.capabilities.audit import api, lines, pages, retention, tables
from housekey.capabilities.audit.chains import Chains
from housekey.capabilities.audit.entries import entry_of
from housekey.capabilities.audit.pages import READ_AUDIT
from housekey.capabilities.audit.settings import AuditSettings
from housekey.capability import Capability, MenuItem
from housekey.events import Event
from housekey.house import House, Unit
from housekey.kernel.texts import text as _


def start(house: House) -> None:
    """Hear of everything, and write it down in the same transaction."""
    house.events.on(Event, partial(_record, house, Chains(house)))
    house.sweepers.append(partial(_sweep, house))


def _sweep(house: House) -> Mapping[str, int]:
    """What is given up here is deleted, and counted, with all else that has expired."""
    retention.give_up(house)
    retention.seal_anew(house)
    return {}


def _record(house: House, chains: Chains, event: Event, session: Any) -> None:
    unit, entry = Unit(house, session), entry_of(event, house.circumstances())
    chains.append(unit, entry)
    if lines.log.isEnabledFor(logging.INFO):
        unit.after_commit(partial(lines.tell, entry))


capability = Capability(
    name="audit",
    settings=AuditSettings,
    tables=tables.define,
    pages=pages.pages,
    api=api.api,
    menu=[
        MenuItem(label=_("Security history"), endpoint="housekey.history"),
        MenuItem(label=_("Activity"), endpoint="housekey.admin_activity", permission=READ_AUDIT),
    ],
    permissions=[(READ_AUDIT, "Read the audit log: what happens on all accounts, from which addresses.")],
    start=start,
)
