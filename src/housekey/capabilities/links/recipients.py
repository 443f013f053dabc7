"""Whom a mail goes to that somebody asks for by an address."""

from __future__ import annotations

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


def bearer(unit: Unit, email: str) -> UserFacts | None:
    """Who bears this address and may come in. A username that looks like an address is none."""
    kind, _key = identifier_key(email)
    user = users.by_identifier(unit.session, unit.schema, email) if kind == "email" else None
    bears = user is not None and user.email is not None and email_key(user.email) == email_key(email)
    return user if user is not None and bears and not user.is_shut else None
