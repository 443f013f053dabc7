"""What it proves to have read a mail."""

from __future__ import annotations

from typing import Any

from housekey.capabilities.links import actions as links
from housekey.capabilities.links.actions import Link
from housekey.errors import InvalidCredentials
from housekey.kernel import clock
from housekey.login import Attempt, Kind, Proof
from housekey.login.pipeline import Check

METHOD = "email"
"""In `amr`. RFC 8176 has no word for it: its “otp” and “mca” would say that a device or a second channel was shown."""


def mail_was_read(user_id: Any) -> Proof:
    """A mailbox is opened by a password as a rule, from anywhere, so reading it shows no possession (NIST SP 800-63B-4
    §3.1.3.1): beside a password it adds nothing to the AAL, nor does a code to a link (flaw 37)."""
    return Proof(user_id, METHOD, Kind.KNOWLEDGE, clock.now(), channel="email")


def checking(found: Link | None) -> Check:
    """A check for the road, of a code that was looked for already."""

    def check(attempt: Attempt) -> Proof:
        user = attempt.user
        if found is None or user is None or found.user_id != user.id or not links.is_as_it_was(found, user):
            raise InvalidCredentials()
        return mail_was_read(user.id)

    return check
