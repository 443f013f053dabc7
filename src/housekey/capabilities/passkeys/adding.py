"""Add a passkey."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey.capabilities.factors import actions as factors
from housekey.capabilities.factors import confirming
from housekey.capabilities.factors.actions import Owner
from housekey.capabilities.passkeys import ceremonies, challenges, kept, options
from housekey.capabilities.passkeys.authenticators import default_name
from housekey.capabilities.passkeys.ceremonies import BadCredential, Created, Credential
from housekey.capabilities.passkeys.challenges import Scope
from housekey.capabilities.passkeys.kept import Passkey
from housekey.capabilities.passkeys.options import CreationOptions, PersonShape
from housekey.capabilities.passkeys.party import party_of
from housekey.capabilities.recovery_codes.actions import keep, prepare
from housekey.capabilities.recovery_codes.codes import NewSet
from housekey.errors import Conflict, InvalidInput
from housekey.house import House, Unit
from housekey.kernel import clock, tokens
from housekey.kernel.texts import text as _
from housekey.login import Enrolled
from housekey.store import users
from housekey.store.users import UserFacts

MOST = 20
"""Passkeys of one account."""
NOT_ADDED = _("This passkey couldn't be added. Try again.")
TOO_MANY = _("You have {count} passkeys already. Remove one first.", count=MOST)


def adding(owner: Owner) -> Scope:
    return Scope("add", (str(owner.session_id), str(owner.user_id)))


def add_options(house: House, owner: Owner) -> CreationOptions:
    """What the browser is asked with, for somebody who is logged in. Raises `Forbidden`, `MailedCodeNeeded` and
    `Conflict`."""
    party = party_of(house)
    confirming.refuse_unless_read(house, owner)
    handle = house.run(partial(_handle, owner=owner))
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, owner.user_id)
        has = kept.of(connection, house.store.schema, owner.user_id)
    if len(has) >= MOST:
        raise Conflict(TOO_MANY)
    return options.creation(party, challenges.issue(house, adding(owner)), person_of(user, handle), has)


def person_of(user: UserFacts | None, handle: str) -> PersonShape:
    """As whom authenticators show a user."""
    known_as = (user.email or user.username or user.name) if user else ""
    return PersonShape(id=handle, name=known_as, display_name=user.name if user else "")


def _handle(unit: Unit, owner: Owner) -> str:
    factors.lock_to_add(unit, owner)
    return kept.ensure_handle(unit, owner.user_id)


@dataclass(frozen=True)
class Added:
    """A passkey that works. `recovery_codes`: with the first factor, to be shown this once."""

    passkey: Enrolled
    recovery_codes: Sequence[str] | None = field(repr=False)


def add(house: House, owner: Owner, credential: Credential, name: str = "") -> Added:
    """Keep a passkey that the browser has made. Raises `Forbidden`, `Conflict`, `UnconfirmedAddress`,
    `MailedCodeNeeded`, `Busy`, and `InvalidInput` for `credential`."""
    confirming.refuse_unless_read(house, owner)
    new = judged(house, adding(owner), credential)
    codes = None if factors.own(house, owner.user_id) else prepare(house, owner.client.network)
    try:
        return house.run(partial(_add, owner=owner, new=new, name=name.strip(), codes=codes))
    except IntegrityError:  # the challenge was spent, or somebody has that very passkey
        raise refused_as_new() from None


def judged(house: House, scope: Scope, credential: Credential) -> Created:
    """Raises `Forbidden`, and `InvalidInput` for `credential`."""
    try:
        return ceremonies.created(credential, party_of(house), partial(challenges.holds, house, scope))
    except BadCredential:
        raise refused_as_new() from None


def refused_as_new() -> InvalidInput:
    return InvalidInput.of("credential", "invalid_credential", NOT_ADDED)


def _add(unit: Unit, owner: Owner, new: Created, name: str, codes: NewSet | None) -> Added:
    factors.lock_to_add(unit, owner)
    challenges.spend(unit, new.challenge)
    has = kept.of(unit.session, unit.schema, owner.user_id)
    if len(has) >= MOST:
        raise Conflict(TOO_MANY)
    taken = {one.name for one in has}
    passkey = as_kept(
        owner.user_id, new, name or default_name(new.aaguid, new.transports, owner.client.user_agent, taken)
    )
    first = factors.add(unit, owner, passkey.enrolled, partial(insert, unit, passkey, new.aaguid))
    if not first or codes is None:
        return Added(passkey.enrolled, None)
    keep(unit, owner.user_id, codes)
    return Added(passkey.enrolled, codes.codes)


def as_kept(user_id: Any, new: Created, name: str) -> Passkey:
    return Passkey(
        id=tokens.new_public_id(), user_id=user_id, credential_id=new.credential_id, public_key=new.public_key,
        sign_count=new.sign_count, transports=list(new.transports), backup_eligible=new.backup_eligible,
        synced=new.synced, verifies=new.verified, name=name, created_at=clock.now(), last_used_at=None,
    )  # fmt: skip


def insert(unit: Unit, passkey: Passkey, aaguid: str) -> None:
    """Raises `IntegrityError` if somebody has it."""
    row = {name: getattr(passkey, name) for name in Passkey.__dataclass_fields__}
    row |= {"digest": kept.digest(passkey.credential_id), "aaguid": aaguid}
    unit.execute(sa.insert(unit.tables["passkeys"]).values(row))
