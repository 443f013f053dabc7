"""Whether an address or a username may be taken: its form, whether it is free, and whether it looks like another."""

from __future__ import annotations

import logging
import unicodedata
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from housekey.capabilities.registration.settings import RegistrationSettings
from housekey.errors import Fault, InvalidInput
from housekey.house import House
from housekey.kernel.lookalikes import skeleton
from housekey.kernel.names import RESERVED, Unfit, check_email, check_username, email_key, username_key
from housekey.kernel.texts import plural
from housekey.kernel.texts import text as _
from housekey.store.schema import Schema

log = logging.getLogger("housekey")

EMAIL_TAKEN = Fault("email_taken", _("There is an account with this address already. Log in, or use another address."))
USERNAME_TAKEN = Fault("username_taken", _("Somebody has this username already. Choose another one."))
LOOKS_ALIKE = Fault("username_looks_alike", _("This username looks too much like somebody else's. Choose another one."))
CONTROL_CHARACTERS = Fault(
    "invalid_format", _("A name holds no line breaks and no invisible marks of direction. Type it anew.")
)
NOT_KEPT = Fault("not_kept", _("This site can't keep one of these values, or somebody has it already. Change it."))
CHECK_FAILED = 4025
"""ER_CONSTRAINT_FAILED of MariaDB."""
_CONTROLS = frozenset({"Cc", "Zl", "Zp"})
_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Directional embeddings, overrides and isolates (UAX #9 §2)."""


def checked_email(house: House, text: str) -> tuple[str, list[Fault]]:
    """The address as it is kept, and what is wrong with it."""
    try:
        return check_email(text, testing=house.settings[RegistrationSettings].allow_test_addresses).address, []
    except Unfit as unfit:
        return text, [Fault(*reason) for reason in unfit.reasons]


def checked_username(house: House, text: str) -> tuple[str, list[Fault]]:
    """The username as it is kept, and what is wrong with it."""
    settings = house.settings[RegistrationSettings]
    try:
        username = check_username(
            text,
            shortest=settings.username_min_length,
            longest=settings.username_max_length,
            reserved=RESERVED | set(settings.reserved_usernames),
        )
        return username.name, []
    except Unfit as unfit:
        return text, [Fault(*reason) for reason in unfit.reasons]


def email_faults(source: Any, schema: Schema, email: str, own_id: Any = None) -> list[Fault]:
    """Whether somebody else has the address."""
    key = schema.tables["identifiers"].c.key
    return [EMAIL_TAKEN] if _keys_of_others(source, schema, key == email_key(email), own_id) else []


def username_faults(source: Any, schema: Schema, username: str, own_id: Any = None) -> list[Fault]:
    """Whether somebody else has the username, or one that looks like it (flaw 21). In one read: of two, the second
    could find somebody who wasn't there at the first."""
    key, identifiers = username_key(username), schema.tables["identifiers"]
    alike = (identifiers.c.key == key) | (identifiers.c.skeleton == skeleton(username))
    others = _keys_of_others(source, schema, alike, own_id)
    if key in others:
        return [USERNAME_TAKEN]
    return [LOOKS_ALIKE] if others else []


def _keys_of_others(source: Any, schema: Schema, condition: Any, own_id: Any) -> list[str]:
    identifiers = schema.tables["identifiers"]
    others = sa.select(identifiers.c.key).where(condition)
    if own_id is not None:
        others = others.where(identifiers.c.user_id != own_id)
    return list(source.execute(others).scalars())


def name_faults(name: str | None) -> list[Fault]:
    """What would break a line in a mail's header or in a log, or turn the words after it around (flaws 42, 60)."""
    wrong = any(unicodedata.category(c) in _CONTROLS or c in _TURNS_TEXT for c in name or "")
    return [CONTROL_CHARACTERS] if wrong else []


def is_refusal(error: DBAPIError) -> bool:
    """Whether the database refuses a value, and nothing is broken. MariaDB tells a CHECK by a number (4025)."""
    code = (getattr(error.orig, "args", None) or (None,))[0]
    return isinstance(error, (IntegrityError, DataError)) or code == CHECK_FAILED


def not_kept(error: DBAPIError) -> InvalidInput:
    """The database's own refusal, where a column of the host's has rules that its declared fields don't tell.

    The log says which, in one line: the database quotes what was sent.
    """
    log.warning("the database refused a profile: %r", str(error.orig).partition("\n")[0])
    return InvalidInput({"": [NOT_KEPT]})


def length_faults(schema: Schema, values: dict[str, Any]) -> dict[str, list[Fault]]:
    """Texts that don't fit into the host's columns."""
    found = {}
    for name, value in values.items():
        length = getattr(schema.mapper.columns[name].type, "length", None) if name in schema.mapper.columns else None
        if isinstance(value, str) and length is not None and len(value) > length:
            found[name] = [
                Fault(
                    "too_long",
                    plural("Only {count} character fits here.", "At most {count} characters fit here.", count=length),
                )
            ]
    return found
