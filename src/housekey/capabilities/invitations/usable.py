"""Whether an invitation could be used at all, asked before it is mailed."""

from __future__ import annotations

import logging

from housekey.capabilities.registration.columns import Unfilled, unfilled
from housekey.errors import Conflict
from housekey.house import House
from housekey.kernel.texts import text as _

log = logging.getLogger("housekey.invitations")


def refuse_if_unusable(house: House) -> None:
    """With registration closed nothing has looked whether our page can fill the host's `User`. Raises `Conflict`; what
    there is to do is for those who run the site, and stands in the log."""
    if found := unfilled(house):
        log.error(told(found))
        raise Conflict(
            _("Nobody could use an invitation: this site can't make new accounts yet. Tell those who run it.")
        )


def told(found: Unfilled) -> str:
    """For a log or a terminal."""
    return f"Nobody who is invited can register: {found.what}. {found.cure}."
