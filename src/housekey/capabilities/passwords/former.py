"""What a password was before a change. Whoever takes an account over changes its password; the owner, who knows the one
before, can undo that as long as it is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.passwords.stored import stored_hash
from housekey.house import House
from housekey.kernel import clock
from housekey.store.schema import Schema

PROVES = frozenset({"user", "reset", "host", "undo"})
"""Changes after which the password before still proves the owner. An undo ends the links of its time and later; it may
be the thief's, by the very password that the owner shows for an older link."""


def keep(source: Any, schema: Schema, user_id: Any, *, by: str) -> None:
    """Called between the raise of `security_version` and the writing of the new hash.

    Every change of the undo's days is kept, not only the last: a thief would change the password twice. An operator
    has the last word, and so has the owner who takes an account over: nothing from before proves anything.
    """
    provable = by in PROVES
    if not provable:
        forget(source, schema, user_id)
    accounts, passwords, former = (schema.tables[noun] for noun in ("accounts", "passwords", "former_passwords"))
    version = sa.select(accounts.c.security_version).where(accounts.c.user_id == user_id)
    before = sa.select(passwords.c.hash).where(passwords.c.user_id == user_id)
    row = {"user_id": user_id, "last_version": source.execute(version).scalar_one() - 1, "replaced_at": clock.now()}
    row["hash"] = source.execute(before).scalar() if provable else None
    source.execute(sa.insert(former).values(row))


def valid_under(house: House, user_id: Any, version: int, kept_for: timedelta) -> str | bytes | None:
    """The hash of the password that was valid under a `security_version`, be it replaced since or not. None: there was
    none, or it proves nothing."""
    former = house.store.tables["former_passwords"]
    since = (former.c.last_version >= version) & (former.c.replaced_at > clock.now() - kept_for)
    query = sa.select(former.c.hash).where(former.c.user_id == user_id, since).order_by(former.c.last_version).limit(1)
    with house.read() as connection:
        row = connection.execute(query).first()
    return stored_hash(house, user_id) if row is None else row.hash or None


def forget(source: Any, schema: Schema, user_id: Any) -> None:
    """They prove nothing any more. The rows stay, and say that something was replaced."""
    former = schema.tables["former_passwords"]
    source.execute(sa.update(former).where(former.c.user_id == user_id).values(hash=None))
