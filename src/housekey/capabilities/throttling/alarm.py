"""Telling of a network at its limit, once a minute."""

from __future__ import annotations

from housekey.capabilities.throttling.events import NetworkLimited
from housekey.house import House
from housekey.kernel import clock
from housekey.kernel.alarms import Alarm


class NetworkAlarm(Alarm):
    """Which networks were told of lately, and at what."""


def tell(house: House, network: str, action: str) -> None:
    """A network has reached a limit."""
    if house.service(NetworkAlarm).is_due(network, action):
        house.announce(NetworkLimited(network=network, action=action, at=clock.now()))
