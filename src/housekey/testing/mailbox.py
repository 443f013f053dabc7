"""The mails that an app has sent, for tests."""

from __future__ import annotations

from flask import Flask

from housekey.capabilities.mail import mailbox
from housekey.capabilities.mail.mailbox import Kept
from housekey.house import House
from housekey.testing.people import within
from housekey.web.here import EXTENSION


class Mailbox:
    """What the app has sent so far; nothing leaves the machine.

    mailbox.messages                        all of them, in their order: .to, .subject, .text, .html, .links
    mailbox.last(to="ann@example.org")      the latest to this address
    mailbox.last_link(to="ann@example.org") the first link in it
    """

    def __init__(self, app: Flask) -> None:
        self._app = app

    @property
    def messages(self) -> list[Kept]:
        """In the order in which they were written. What waits is delivered first."""
        house: House = self._app.extensions[EXTENSION].house
        with within(self._app):
            return mailbox.mails(house, limit=10_000)[::-1]

    def to(self, address: str) -> list[Kept]:
        """Those to one address."""
        return [mail for mail in self.messages if mail.to.lower() == address.lower()]

    def last(self, *, to: str | None = None) -> Kept:
        """The latest, or the latest to an address. Fails the test if there is none."""
        found = self.messages if to is None else self.to(to)
        assert found, f"no mail{f' to {to}' if to else ''} was sent"
        return found[-1]

    def last_link(self, *, to: str | None = None) -> str:
        """The first link of the latest. Fails the test if there is none."""
        mail = self.last(to=to)
        assert mail.links, f"the mail “{mail.subject}” holds no link"
        return mail.links[0]

    def __len__(self) -> int:
        return len(self.messages)
