"""Reads and writes of `housekey_passkeys` and of `housekey_passkey_handles`."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from housekey.capabilities.passkeys.ceremonies import encoded
from housekey.errors import NotFound
from housekey.house import House, Unit
from housekey.login import Enrolled
from housekey.store.schema import Schema

METHOD = "passkey"
"""In `amr`. RFC 8176 has “hwk” and “swk”, and no attestation says which of the two it is."""
HANDLE_BYTES = 64


@dataclass(frozen=True)
class Passkey:
    """One that is kept."""

    id: str
    user_id: Any
    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: Sequence[str]
    backup_eligible: bool
    synced: bool
    verifies: bool
    name: str
    created_at: datetime
    last_used_at: datetime | None

    @property
    def enrolled(self) -> Enrolled:
        """As lists of factors show it."""
        return Enrolled(
            id=self.id, method=METHOD, name=self.name, created_at=self.created_at, last_used_at=self.last_used_at,
            synced=self.synced, verifies=self.verifies,
        )  # fmt: skip


def digest(credential_id: bytes) -> bytes:
    return hashlib.sha256(credential_id).digest()


def of(source: Any, schema: Schema, user_id: Any) -> list[Passkey]:
    """A person's passkeys, the oldest first."""
    return [Passkey(**row) for row in source.execute(schema.once(_of), {"who": user_id}).mappings()]


def _of(schema: Schema) -> Any:
    table = schema.tables["passkeys"]
    return _columns(table).where(table.c.user_id == sa.bindparam("who")).order_by(table.c.created_at, table.c.id)


def _columns(table: sa.Table) -> Any:
    return sa.select(*(table.c[name] for name in Passkey.__dataclass_fields__))


def enrolled(source: Any, schema: Schema, user_id: Any) -> Sequence[Enrolled]:
    """The same as factors."""
    return [one.enrolled for one in of(source, schema, user_id)]


def one(source: Any, schema: Schema, user_id: Any, passkey_id: str) -> Passkey:
    """One of a person's passkeys. Raises `NotFound`, for another person's too (flaw 47)."""
    found = next((each for each in of(source, schema, user_id) if each.id == passkey_id), None)
    if found is None:
        raise NotFound()
    return found


def by_credential(house: House, credential_id: bytes) -> Passkey | None:
    """The passkey with this id, whosever it is."""
    table = house.store.tables["passkeys"]
    with house.read() as connection:
        row = connection.execute(_columns(table).where(table.c.digest == digest(credential_id))).mappings().first()
    return Passkey(**row) if row else None


def take(unit: Unit, user_id: Any, passkey_id: str) -> int:
    """Take one of a person's."""
    table = unit.tables["passkeys"]
    return int(unit.execute(sa.delete(table).where(table.c.id == passkey_id, table.c.user_id == user_id)).rowcount)


def forget(unit: Unit, user_id: Any) -> int:
    """Take all of a person's. The handle stays: authenticators still hold the passkeys under it."""
    table = unit.tables["passkeys"]
    return int(unit.execute(sa.delete(table).where(table.c.user_id == user_id)).rowcount)


def handle_of(source: Any, schema: Schema, user_id: Any) -> str | None:
    """Under which name authenticators keep a person."""
    handles = schema.tables["passkey_handles"]
    return source.execute(sa.select(handles.c.handle).where(handles.c.user_id == user_id)).scalar()  # type: ignore[no-any-return]


def ensure_handle(unit: Unit, user_id: Any) -> str:
    """The same, made if it isn't there. The user is locked."""
    found = handle_of(unit.session, unit.schema, user_id)
    if found is None:
        found = encoded(secrets.token_bytes(HANDLE_BYTES))
        keep_handle(unit, user_id, found)
    return found


def keep_handle(unit: Unit, user_id: Any, handle: str) -> None:
    unit.execute(sa.insert(unit.tables["passkey_handles"]).values(user_id=user_id, handle=handle))
