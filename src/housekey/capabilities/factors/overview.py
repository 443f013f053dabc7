"""What the overview says about second factors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from housekey.capabilities.factors import actions, owing
from housekey.capability import MenuItem, OverviewItem
from housekey.house import House
from housekey.kernel import clock
from housekey.kernel.dates import Day
from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _
from housekey.web.identity import Identity

TITLE = _("Two-step login")
ENDPOINT = "housekey.factors"
LOOK = MenuItem(label=_("Look"), endpoint=ENDPOINT)
SET_UP = MenuItem(label=_("Set up"), endpoint=ENDPOINT)


def about_factors(house: House, identity: Identity) -> Sequence[OverviewItem]:
    """Whether a stolen password alone would open the account."""
    mine = actions.own(house, identity.user_id)
    if mine:
        return [OverviewItem(level="good", title=TITLE, text=_("On: a password alone opens nothing."), action=LOOK)]
    asks = asked_of(house, identity.user_id)
    if asks is not None:
        return [OverviewItem(level="warn", title=TITLE, text=asks, action=SET_UP)]
    text = _("Off. A passkey, or an app on your phone, keeps others out, even if they know your password.")
    return [OverviewItem(level="info", title=TITLE, text=text, action=SET_UP)]


def asked_of(house: House, user_id: Any) -> Text | None:
    """What is said to somebody who must have one and has none."""
    due = owing.due_at_of(house, user_id)
    if due is None:
        return None
    if due <= clock.now():
        return _("This site asks you for one. Set it up now, or you do so at your next login.")
    return _(
        "This site asks you for one from {day} on. Set it up before, or you do so at your next login.",
        day=Day(due.date()),
    )
