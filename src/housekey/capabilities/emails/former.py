"""What an account's addresses were before a change, and how they are put back. Whoever takes an account over changes
them; the owner, by the link “This wasn't me” and the password from before, undoes that as long as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey.capabilities.emails.events import EmailChanged
from housekey.capabilities.notices.events import AccountUnfrozen
from housekey.capabilities.notices.settings import NoticeSettings
from housekey.capabilities.registration import claims
from housekey.errors import Conflict
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.names import email_key
from housekey.kernel.texts import text as _
from housekey.store import users
from housekey.store.identifiers import EMAIL, FURTHER
from housekey.store.schema import Schema
from housekey.store.users import UserFacts

TAKEN = _(
    "The address that this account had before belongs to another account by now, so it stays frozen. Ask those who run "
    "this site."
)


@dataclass(frozen=True)
class Address:
    """An address of an account, and since when it is known to be the owner's."""

    email: str
    verified_at: datetime | None

    def record(self) -> dict[str, Any]:
        return {"email": self.email, "verified_at": self.verified_at.isoformat() if self.verified_at else None}

    @classmethod
    def of(cls, record: dict[str, Any]) -> Address:
        verified_at = record["verified_at"]
        return cls(record["email"], datetime.fromisoformat(verified_at) if verified_at else None)


def keep(unit: Unit, user: UserFacts) -> None:
    """Called before `security_version` is raised and anything is written."""
    row = {"user_id": user.id, "last_version": user.security_version, "replaced_at": clock.now()}
    row["addresses"] = [address.record() for address in borne(unit, unit.schema, user)]
    unit.execute(sa.insert(unit.tables["former_addresses"]).values(row))


def borne(source: Any, schema: Schema, user: UserFacts) -> list[Address]:
    """All addresses of an account: first that of `User.email`, then the further ones as they came."""
    table = schema.tables["identifiers"]
    mine = (table.c.user_id == user.id) & (table.c.kind == FURTHER)
    rows = source.execute(sa.select(table.c.key, table.c.verified_at).where(mine).order_by(table.c.verified_at))
    first = [Address(user.email, user.email_verified_at)] if user.email else []
    return first + [Address(row.key, row.verified_at) for row in rows]


def write(unit: Unit, user_id: Any, addresses: Sequence[Address]) -> None:
    """Give an account these addresses instead of those it has, the first as its `User.email`."""
    table, moment = unit.tables["identifiers"], clock.now()
    unit.execute(sa.delete(table).where(table.c.user_id == user_id, table.c.kind == FURTHER))
    user: Any = unit.session.get(unit.schema.user, user_id)
    user.email = addresses[0].email if addresses else None
    unit.session.flush()
    first = sa.update(table).where(table.c.user_id == user_id, table.c.kind == EMAIL)
    unit.execute(first.values(verified_at=addresses[0].verified_at if addresses else None))
    for address in addresses[1:]:
        row = {"key": email_key(address.email), "kind": FURTHER, "user_id": user_id, "created_at": moment}
        unit.execute(sa.insert(table).values(row | {"verified_at": address.verified_at}))


def listen(house: House) -> None:
    """Put addresses back when an owner gets an account back; keep them for as long as that can be."""
    house.events.on(AccountUnfrozen, partial(_put_back, house))
    kept_for = house.settings[NoticeSettings].undo_lifetime
    house.store.expiring["former_addresses"] = lambda table, moment: table.c.replaced_at < moment - kept_for


def _put_back(house: House, event: AccountUnfrozen, session: Any) -> None:
    if event.version is None:
        return  # by an administrator: the account is opened as it is
    unit = Unit(house, session)
    addresses, user = _borne_under(unit, event.user_id, event.version), _user(unit, event.user_id)
    if addresses is None:
        return
    if any(claims.email_faults(session, unit.schema, address.email, user.id) for address in addresses):
        raise Conflict(TAKEN)
    try:
        with session.begin_nested():
            write(unit, user.id, addresses)
    except IntegrityError:  # in this very moment
        raise Conflict(TAKEN) from None
    email = addresses[0].email if addresses else None
    unit.publish(
        EmailChanged(
            user_id=user.id, former=user.email, email=email, by="undo", confirmed=user.email_verified_at is not None,
            at=clock.now(),
        )
    )  # fmt: skip


def _borne_under(unit: Unit, user_id: Any, version: int) -> list[Address] | None:
    """The addresses of an account under a `security_version`; None if they haven't changed since."""
    table, kept_for = unit.tables["former_addresses"], unit.house.settings[NoticeSettings].undo_lifetime
    since = (table.c.last_version >= version) & (table.c.replaced_at > clock.now() - kept_for)
    rows = sa.select(table.c.addresses).where(table.c.user_id == user_id, since).order_by(table.c.last_version).limit(1)
    found = unit.execute(rows).first()
    return None if found is None else [Address.of(record) for record in found.addresses]


def _user(unit: Unit, user_id: Any) -> UserFacts:
    user = users.by_id(unit.session, unit.schema, user_id)
    assert user is not None  # locked by whoever has opened the account
    return user
