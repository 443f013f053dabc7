"""What the overview says about one's address."""

from __future__ import annotations

from collections.abc import Sequence

from housekey.capability import OverviewItem
from housekey.house import House
from housekey.kernel.texts import Text
from housekey.kernel.texts import text as _
from housekey.store import users
from housekey.web.identity import Identity

TITLE = _("E-mail address")


def about_email(house: House, identity: Identity) -> Sequence[OverviewItem]:
    """Said calmly while the site sends no mail: there is nothing that the person could do about it."""
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, identity.user_id)
    if user is None or user.email is None:
        return [OverviewItem(level="info", title=TITLE, text=_("None is kept for your account."))]
    if user.email_verified_at is not None:
        return [OverviewItem(level="good", title=TITLE, text=_("{email}, confirmed.", email=user.email))]
    return [OverviewItem(level="info", title=TITLE, text=_unconfirmed(user.email))]


def _unconfirmed(email: str) -> Text:
    return _("{email}. This site hasn't asked you to confirm it.", email=email)
