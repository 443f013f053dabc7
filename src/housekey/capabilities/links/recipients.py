"""Whom a mail goes to that somebody asks for by an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from housekey.capabilities.links.actions import BESIDE
from housekey.errors import InvalidInput
from housekey.house import Unit
from housekey.kernel.mail import BadAddress, mail_address
from housekey.kernel.names import email_key, identifier_key
from housekey.kernel.texts import text as _
from housekey.store import users
from housekey.store.users import UserFacts

NO_ADDRESS = _("An e-mail address has an @ in it, like name@example.org.")


def typed(text: str) -> str:
    """An address that somebody has typed. Raises `InvalidInput` for `email`."""
    try:
        return mail_address(text.strip())
    except BadAddress:
        raise InvalidInput.of("email", "invalid_email", NO_ADDRESS) from None


@dataclass(frozen=True)
class Recipient:
    """Where a mail goes: to the address as the account has it, never as it was typed (flaw 21); to what was typed where
    `user` is None. `details` belong to the link."""

    user: UserFacts | None
    to: str
    details: Mapping[str, bool] = field(default_factory=dict)


def bearer(unit: Unit, email: str) -> Recipient:
    """Who bears this address and may come in. A username that looks like an address is none."""
    kind, key = identifier_key(email)
    user = users.by_identifier(unit.session, unit.schema, email) if kind == "email" else None
    if user is None or user.is_shut or not users.bears(unit.session, unit.schema, user, email):
        return Recipient(None, email)
    if user.email and email_key(user.email) == key:
        return Recipient(user, user.email)
    return Recipient(user, key, {BESIDE: True})
