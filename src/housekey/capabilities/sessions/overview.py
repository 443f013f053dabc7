"""What the overview says about where one is logged in."""

from __future__ import annotations

from collections.abc import Sequence

from housekey.capabilities.sessions import actions
from housekey.capability import MenuItem, OverviewItem
from housekey.house import House
from housekey.kernel.texts import Text, plural
from housekey.kernel.texts import text as _
from housekey.web.identity import Identity

LOOK = MenuItem(label=_("Look"), endpoint="housekey.sessions")


def about_sessions(house: House, identity: Identity) -> Sequence[OverviewItem]:
    """How many there are, and how many of them outlive the browser."""
    found = actions.own_sessions(house, identity.user_id)
    kept = sum(session.remember for session in found)
    title = _("Where you're logged in")
    items = [OverviewItem(level="good", title=title, text=_places(len(found) - 1), action=LOOK)]
    if kept:
        text = _("Sessions that outlive the browser: {count}. Keep them only where nobody else comes.", count=kept)
        items.append(OverviewItem(level="info", title=_("Kept logged in"), text=text, action=LOOK))
    return items


def _places(others: int) -> Text:
    if others < 1:
        return _("Only here.")
    return plural("Here and in one other place.", "Here and in {count} other places.", count=others)
