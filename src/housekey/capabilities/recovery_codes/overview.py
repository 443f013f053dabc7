"""What the overview says about recovery codes: only when few are left."""

from __future__ import annotations

from collections.abc import Sequence

from housekey.capabilities.factors import actions as factors
from housekey.capabilities.recovery_codes.actions import FEW, LABEL, METHOD
from housekey.capability import MenuItem, OverviewItem
from housekey.house import House
from housekey.kernel.texts import text as _
from housekey.web.identity import Identity

RENEW = MenuItem(label=_("Make new ones"), endpoint="housekey.factors")


def about_codes(house: House, identity: Identity) -> Sequence[OverviewItem]:
    """Whoever has none left and loses the phone needs the help of those who run the site."""
    mine = factors.own(house, identity.user_id)
    left = next((one.left or 0 for one in mine if one.method == METHOD), 0)
    if not mine or left > FEW:
        return []
    text = _("Codes left: {count}. Without one, a lost phone locks you out.", count=left)
    return [OverviewItem(level="warn", title=LABEL, text=text, action=RENEW)]
