"""What Housekey itself tells people by mail. A capability that comes later adds its own at its start:

    tell(house, Notice(event=EmailChanged, name="email_changed", also_to=lambda event: [event.former]))

with `housekey/notices/mails/email_changed.txt` and `.html`, and `needs=("notices",)`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from housekey.capabilities.notices.events import AccountFrozen
from housekey.capabilities.notices.notice import Notice
from housekey.capabilities.notices.settings import NoticeSettings
from housekey.capabilities.passwords.events import PasswordChanged
from housekey.capabilities.throttling.events import AccountLocked
from housekey.house import House
from housekey.kernel import clock
from housekey.login.events import LoggedIn, LoginRefused
from housekey.login.proof import BRIDGE
from housekey.store.users import UserFacts

NEW = timedelta(days=1)


def is_new_device(event: LoggedIn) -> bool:
    """Not one that was logged in before Housekey came: everybody would be mailed in the weeks after the change."""
    return event.new_device and BRIDGE not in event.methods


def is_news(house: House, event: LoggedIn, user: UserFacts) -> bool:
    """Not the first login of an account just made: that is its owner, who sits before it."""
    if not house.settings[NoticeSettings].new_device:
        return False
    just_made = user.created_at is not None and clock.now() - user.created_at < NEW
    return not (event.first and just_made)


NOTICES: tuple[Notice[Any], ...] = (
    Notice(
        event=PasswordChanged,
        name="password_changed",
        facts=lambda event: {"by": event.by},
        raised_version=True,
    ),
    Notice(event=LoggedIn, name="new_device", worth=is_new_device, wanted=is_news),
    Notice(  # nothing was changed: strangers who guess must not scare people into shutting themselves out
        event=AccountLocked,
        name="locked",
        facts=lambda event: {"until": event.until, "method": event.method},
        undo=False,
        once_in=timedelta(days=1),
        apart=lambda event: f"|{event.method}",  # who knows the password would lock it first, and then guess at codes
    ),
    # A lock is for one browser, and ends; whoever goes on and on, from everywhere, is told of once more. Every refusal
    # counts, whatever its reason: else a stopwatch would tell a disabled account from others (flaw 11).
    Notice(
        event=LoginRefused,
        name="refused",
        undo=False,
        once_in=timedelta(days=1),
        threshold=lambda house: house.settings[NoticeSettings].refusals,
    ),
    Notice(event=AccountFrozen, name="frozen", undo=False),
)
