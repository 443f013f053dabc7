"""What people are told by mail about their addresses: at once, when a change is asked for, and when it is done."""

from __future__ import annotations

from typing import Any

from housekey.capabilities.emails.events import EmailAdded, EmailChanged, EmailChangeRequested, EmailRemoved
from housekey.capabilities.notices.notice import Notice
from housekey.house import House
from housekey.store.users import UserFacts


def _shown(event: EmailChangeRequested | EmailChanged) -> dict[str, Any]:
    """Mails to an address that nobody has confirmed hold nothing that somebody has typed (flaw 60)."""
    return {"email": event.email if event.confirmed else None}


def _former(event: EmailChanged) -> list[str]:
    return [event.former] if event.former else []


def is_news(house: House, event: EmailChanged, user: UserFacts) -> bool:
    """Who has just got the account back is told so by the notice about the new password; whoever had it is told
    nothing."""
    return event.by != "undo"


NOTICES: tuple[Notice[Any], ...] = (
    Notice(
        event=EmailChangeRequested,
        name="email_change_requested",
        template="housekey/emails/mails/requested",
        facts=_shown,
    ),
    Notice(
        event=EmailChanged,
        name="email_changed",
        template="housekey/emails/mails/changed",
        facts=_shown,
        wanted=is_news,
        also_to=_former,
        newcomers=lambda event: [event.email],
        raised_version=True,
    ),
    Notice(
        event=EmailAdded,
        name="email_added",
        template="housekey/emails/mails/added",
        facts=lambda event: {"email": event.email},
        newcomers=lambda event: [event.email],
        raised_version=True,
    ),
    Notice(
        event=EmailRemoved,
        name="email_removed",
        template="housekey/emails/mails/removed",
        facts=lambda event: {"email": event.email},
        also_to=lambda event: [event.email],
        raised_version=True,
    ),
)
