"""How often a mail with a link is sent, and how many of them may work at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.links.link import Link, all_recipients, live
from housekey.capabilities.links.settings import LinkSettings
from housekey.capabilities.throttling import windows
from housekey.errors import TooManyAttempts
from housekey.house import House, Unit


@dataclass(frozen=True)
class About:
    """What the pause and the number of links count by. The user too: a stranger who has the same address asked for
    keeps nobody's mail back."""

    purpose: str
    recipients: Sequence[bytes]
    user_id: Any
    security_version: int | None
    apart: str
    asker: bytes

    def pause_keys(self, house: House) -> list[bytes]:
        """The first is that of today; under the others it may have begun before the SECRET_KEY changed."""
        version = f"{self.user_id}|{self.security_version}|{self.apart}"
        told = [f"link|{self.purpose}|{recipient.hex()}|{version}" for recipient in self.recipients]
        return [key for one in told for key in house.keyed_digests(one)]


def may_be_sent(unit: Unit, about: About) -> bool:
    """Parallel asks wait for each other at the window's row. Links that a change of the account has ended don't count:
    whoever needs a new one gets it."""
    settings, table = unit.house.settings[LinkSettings], unit.tables["links"]
    try:
        windows.enter(unit, about.pause_keys(unit.house), 1, settings.pause)
    except TooManyAttempts:
        return False
    mine = (
        table.c.recipient.in_(about.recipients)
        & (table.c.purpose == about.purpose)
        & table.c.user_id.is_not_distinct_from(about.user_id)
        & table.c.security_version.is_not_distinct_from(about.security_version)
    )
    if about.apart:
        mine &= table.c.asker == about.asker
    working = unit.execute(sa.select(sa.func.count()).select_from(table).where(mine, *live(table))).scalar_one()
    return int(working) < settings.at_most


def forget(unit: Unit, link: Link, apart: str = "") -> None:
    about = About(
        link.purpose, all_recipients(unit.house, link), link.user_id, link.security_version, apart, link.asker or b""
    )
    windows.forget(unit, about.pause_keys(unit.house))
