"""What the overview says about one's address."""

from __future__ import annotations

from collections.abc import Sequence

from housekey.capabilities.emails import wishes
from housekey.capabilities.registration.settings import RegistrationSettings
from housekey.capability import Level, MenuItem, OverviewItem
from housekey.house import House
from housekey.kernel.texts import text as _
from housekey.store import users
from housekey.store.users import UserFacts
from housekey.web.identity import Identity

TITLE = _("E-mail address")
LOOK = MenuItem(label=_("Look"), endpoint="housekey.emails")


def about_email(house: House, identity: Identity) -> Sequence[OverviewItem]:
    """What protects it, the way to confirm it, and the one that shall take its place."""
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, identity.user_id)
    if user is None:
        return []
    waiting = wishes.pending(house, user)
    if waiting is None:
        return [_now(house, user)]
    text = _("{email} waits to be confirmed by its mail.", email=waiting.email)
    return [_now(house, user), OverviewItem(level="info", title=_("New e-mail address"), text=text, action=LOOK)]


def _now(house: House, user: UserFacts) -> OverviewItem:
    if user.email is None:
        return OverviewItem(level="info", title=TITLE, text=_("None is kept for your account."))
    if user.email_verified_at is not None:
        return OverviewItem(level="good", title=TITLE, text=_("{email}, confirmed.", email=user.email))
    text = _("{email} isn't confirmed yet. Confirm it, so that a mail can get you back in.", email=user.email)
    action = MenuItem(label=_("Confirm it"), endpoint="housekey.verify_email")
    return OverviewItem(level=_urgency(house), title=TITLE, text=text, action=action)


def _urgency(house: House) -> Level:
    """Said calmly where the site doesn't ask for it."""
    return "info" if house.settings[RegistrationSettings].verification == "off" else "warn"
