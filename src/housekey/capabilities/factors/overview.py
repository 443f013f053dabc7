"""What the overview says about second factors."""

from __future__ import annotations

from collections.abc import Sequence

from housekey.capabilities.factors import actions
from housekey.capability import MenuItem, OverviewItem
from housekey.house import House
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
    text = _("Off. An authenticator app on your phone keeps others out, even if they know your password.")
    return [OverviewItem(level="info", title=TITLE, text=text, action=SET_UP)]
