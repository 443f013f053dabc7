"""Limits for guessing: locks for accounts, windows for networks."""

from functools import partial
from typing import Any

from housekey.capabilities.passwords.actions import METHOD as PASSWORD
from housekey.capabilities.passwords.events import PasswordChanged
from housekey.capabilities.throttling import counters, events, tables
from housekey.capabilities.throttling.alarm import NetworkAlarm
from housekey.capabilities.throttling.guard import ThrottlingGuard
from housekey.capabilities.throttling.settings import ThrottlingSettings
from housekey.capability import Capability
from housekey.house import House, Unit


def start(house: House) -> None:
    """A new password begins with a clean count of its own. What was failed at a second factor stands: else whoever
    reads the mailbox would have tries without end, a reset for every few. What may be swept hangs on the settings."""
    house.store.expiring["counters"] = partial(tables.expired, house.settings[ThrottlingSettings])

    def forget(event: PasswordChanged, session: Any) -> None:
        counters.forget_user(Unit(house, session), event.user_id, PASSWORD)

    house.events.on(PasswordChanged, forget)
    house.provide(NetworkAlarm())


capability = Capability(
    name="throttling",
    settings=ThrottlingSettings,
    tables=tables.define,
    guard=ThrottlingGuard(),
    events=(events.AccountLocked, events.AccountUnlocked, events.NetworkLimited),
    needs=("passwords",),
    start=start,
)
