"""Mails that went nowhere but into the outbox: in tests, in debug mode and in the demo."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from housekey.capabilities.mail.actions import KIND
from housekey.capabilities.outbox import actions as outbox
from housekey.capabilities.outbox.delivery import deliver_due
from housekey.house import House
from housekey.kernel.mail import OutgoingMail

LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")


@dataclass(frozen=True)
class Kept:
    """A mail as its reader sees it."""

    id: str
    to: str
    purpose: str
    sent_at: datetime
    mail: OutgoingMail

    @property
    def subject(self) -> str:
        return self.mail.subject

    @property
    def text(self) -> str:
        return self.mail.text

    @property
    def html(self) -> str:
        return self.mail.html

    @property
    def links(self) -> list[str]:
        """The addresses in the text, but for that of the site itself in the last line."""
        return [link for link in LINK.findall(self.text) if urlsplit(link).path.strip("/")]


def mails(house: House, limit: int = 200) -> list[Kept]:
    """The latest first. What waits is delivered before."""
    deliver_due(house)
    return [
        Kept(
            item.id,
            item.recipient,
            item.purpose,
            item.created_at,
            OutgoingMail(item.id, item.recipient, item.reference, body),
        )
        for item, body in outbox.kept(house, KIND, limit)
    ]
