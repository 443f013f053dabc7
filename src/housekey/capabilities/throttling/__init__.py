"""Limits for guessing: locks for accounts, windows for networks."""

from functools import partial
from typing import Any

from housekey.capabilities.passwords.events import PasswordChanged
from housekey.capabilities.throttling import counters, events, tables
from housekey.capabilities.throttling.alarm import Alarm
from housekey.capabilities.throttling.guard import ThrottlingGuard
from housekey.capabilities.throttling.settings import ThrottlingSettings
from housekey.capability import Capability
from housekey.house import House, Unit


def start(house: House) -> None:
    """A new password begins with clean counts. What may be swept hangs on the settings."""
    house.store.expiring["counters"] = partial(tables.expired, house.settings[ThrottlingSettings])

    def forget(event: PasswordChanged, session: Any) -> None:
        counters.forget_user(Unit(house, session), event.user_id)

    house.events.on(PasswordChanged, forget)
    house.provide(Alarm())


capability = Capability(
    name="throttling",
    settings=ThrottlingSettings,
    tables=tables.define,
    guard=ThrottlingGuard(),
    events=(events.AccountLocked, events.AccountUnlocked, events.NetworkLimited),
    needs=("passwords",),
    start=start,
)
