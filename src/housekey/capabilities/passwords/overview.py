"""What the overview says about one's password."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from housekey.capabilities.passwords.stored import NONE, is_short, stored_hash
from housekey.capability import MenuItem, OverviewItem
from housekey.house import House
from housekey.kernel.dates import Day
from housekey.kernel.texts import text as _
from housekey.login.factors import has_any
from housekey.web.identity import Identity

TITLE = _("Password")
CHOOSE = MenuItem(label=_("Choose one"), endpoint="housekey.first_password")
CHANGE = MenuItem(label=_("Change"), endpoint="housekey.password")


def about_password(house: House, identity: Identity) -> Sequence[OverviewItem]:
    """Whether there is one, and how old it is. Age is no fault: nobody has to change a good password."""
    passwords = house.store.tables["passwords"]
    if _stands_short_alone(house, identity):
        text = _("It is short, and you have no second step beside it any more. Choose a longer one.")
        return [OverviewItem(level="warn", title=TITLE, text=text, action=CHANGE)]
    with house.read() as connection:
        mine = (passwords.c.user_id == identity.user_id) & (passwords.c.hash != NONE)
        changed_at = connection.scalar(sa.select(passwords.c.changed_at).where(mine))
    if changed_at is not None:
        told = _("Last changed on {day}.", day=Day(changed_at.date()))
        return [OverviewItem(level="good", title=TITLE, text=told, action=CHANGE)]
    if stored_hash(house, identity.user_id) is not None:  # still where an older app kept it
        return [OverviewItem(level="good", title=TITLE, text=_("You have one."), action=CHANGE)]
    return [OverviewItem(level="info", title=TITLE, text=_("You have none on this site."), action=CHOOSE)]


def _stands_short_alone(house: House, identity: Identity) -> bool:
    with house.read() as connection:
        short = is_short(connection, house.store.schema, identity.user_id)
    return short and not has_any(house, identity.user_id)
