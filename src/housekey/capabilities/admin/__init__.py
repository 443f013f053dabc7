"""Looking after users: finding them, shutting them out, giving and taking roles."""

from housekey.capabilities.admin import actions, api, pages
from housekey.capabilities.admin.events import ResetLinkSent, UserDisabled, UserEnabled
from housekey.capabilities.factors.resets import Askers
from housekey.capabilities.roles.actions import MANAGE_USERS
from housekey.capability import Capability, MenuItem
from housekey.house import House
from housekey.kernel.texts import text as _


def start(house: House) -> None:
    """Whoever has asked for a reset that waits is judged again when its time comes."""
    house.provide(actions.ResetAskers(), Askers)


capability = Capability(
    name="admin",
    pages=pages.pages,
    api=api.api,
    events=(UserDisabled, UserEnabled, ResetLinkSent),
    menu=[MenuItem(label=_("Users"), endpoint="housekey.admin_users", permission=MANAGE_USERS, first=True)],
    permissions=[(MANAGE_USERS, "Find users, disable and enable them, and give them roles.")],
    needs=("audit", "emails", "factors", "leaving", "notices", "recovery", "roles", "throttling"),
    start=start,
)
