"""Passkeys that people have, where they aren't taken any more."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from housekey.capabilities.passkeys import site
from housekey.capabilities.passkeys.settings import PasskeySettings
from housekey.commands.diagnosis.finding import WARN, Finding
from housekey.house import House


def examine(house: House) -> Iterator[Finding]:
    """How many people have no other second factor: a recovery code still lets them in, once."""
    if site.is_offered(house):
        return
    count = _with_nothing_else(house)
    if not count:
        return
    why = "nobody may use them" if not house.settings[PasskeySettings].open else "browsers want https or localhost"
    yield Finding(
        WARN,
        "passkeys",
        f"of {count} {'person' if count == 1 else 'people'} are the only second factor, and {why}: at best a recovery "
        "code lets them in.",
        "Switch passkeys on again (HOUSEKEY_PASSKEYS_OPEN, HOUSEKEY_BASE_URL) until these people have an authenticator "
        "app, or let them in: flask housekey users reset-factors.",
    )


def _with_nothing_else(house: House) -> int:
    keys, apps = house.store.tables["passkeys"], house.store.tables["authenticator_apps"]
    app = sa.exists().where(apps.c.user_id == keys.c.user_id, apps.c.confirmed_at.is_not(None))
    with house.read() as connection:
        return connection.scalar(sa.select(sa.func.count(keys.c.user_id.distinct())).where(~app)) or 0
