"""What the overview says about an account that is being closed."""

from __future__ import annotations

from collections.abc import Sequence

from housekey.capabilities.leaving import actions
from housekey.capability import MenuItem, OverviewItem
from housekey.house import House
from housekey.kernel.dates import Moment
from housekey.kernel.texts import text as _
from housekey.web.identity import Identity


def about_closing(house: House, identity: Identity) -> Sequence[OverviewItem]:
    """When it goes, and the way to keep it; nothing for an account that stays."""
    user = actions.own(house, identity.user_id)
    if user.closing_at is None:
        return []
    text = _("It is erased for good on {time}.", time=Moment(user.closing_at, user.time_zone))
    action = MenuItem(label=_("Keep it"), endpoint="housekey.closing")
    return [OverviewItem(level="bad", title=_("Your account is being closed"), text=text, action=action)]
