"""What a passkey proves: the check on the road, and the note of its use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey.capabilities.passkeys import ceremonies, challenges, kept
from housekey.capabilities.passkeys.ceremonies import Asserted, BadCredential, Credential
from housekey.capabilities.passkeys.challenges import Scope
from housekey.capabilities.passkeys.events import PasskeyCopySuspected
from housekey.capabilities.passkeys.kept import METHOD, Passkey
from housekey.capabilities.passkeys.party import party_of
from housekey.errors import InvalidCredentials
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Given, Kind, Proof
from housekey.login.pipeline import Check

TOLD_ONCE_IN = timedelta(days=1)
WRONG = _("That passkey didn't work here, or there were too many tries. Try again, or choose another way.")


def second_step(attempt: Attempt) -> Scope:
    return Scope("second_step", (attempt.token or "", attempt.user.key if attempt.user else ""))


def found_by(house: House, credential: Credential) -> Passkey | None:
    """The passkey that this claims to be signed with, whosever it is."""
    try:
        return kept.by_credential(house, ceremonies.id_of(credential))
    except BadCredential:
        return None


def unknown(house: House, credential: Credential) -> str | None:
    """The id of a credential that nobody has here, as authenticators write it: it was removed, and they may forget it
    (WebAuthn §5.1.10.2). None for one that somebody has, whatever was wrong with it, and for what is no credential.

    It tells those who know a credential's id, random bytes that only its authenticator holds, whether it is here.
    """
    try:
        credential_id = ceremonies.id_of(credential)
    except BadCredential:
        return None
    return None if kept.by_credential(house, credential_id) else ceremonies.encoded(credential_id)


def checking(house: House, given: Given) -> Check:
    """A check for the road: a passkey as the second step."""
    return Checking(house, given.credential or {}, second_step, may_be=given.may_be_by)


@dataclass(frozen=True)
class Checking:
    """A check for the road. `scope`: what the challenge must be bound to; `names_owner`: whether the passkey itself
    must say whose it is, where nobody has said so before (WebAuthn §7.2 step 6); `may_be`: which of the person's may
    prove it, by their ids."""

    house: House
    credential: Credential = field(repr=False)
    scope: Callable[[Attempt], Scope]
    names_owner: bool = False
    may_be: Callable[[str], bool] = bool

    def __call__(self, attempt: Attempt) -> Proof:
        user_id = attempt.user.id if attempt.user else None
        passkey = found_by(self.house, self.credential)
        if passkey is None or passkey.user_id != user_id or not self.may_be(passkey.id):
            raise InvalidCredentials()
        try:
            holds = partial(challenges.holds, self.house, self.scope(attempt))
            found = ceremonies.asserted(self.credential, party_of(self.house), holds, passkey.public_key)
        except BadCredential:
            raise InvalidCredentials() from None
        self._judge(passkey, found)
        if attempt.locked or not self._used(passkey, found):  # a locked try spends nothing
            raise InvalidCredentials()
        kind = Kind.VERIFIED if found.verified else Kind.POSSESSION
        return Proof(user_id, METHOD, kind, clock.now())

    def _judge(self, passkey: Passkey, found: Asserted) -> None:
        with self.house.read() as connection:
            handle = kept.handle_of(connection, self.house.store.schema, passkey.user_id)
        if found.handle is None and self.names_owner:
            raise InvalidCredentials()
        if found.handle is not None and found.handle != handle:
            raise InvalidCredentials()
        if found.backup_eligible != passkey.backup_eligible:  # never changes (WebAuthn §7.2 step 19)
            raise InvalidCredentials()

    def _used(self, passkey: Passkey, found: Asserted) -> bool:
        try:
            return self.house.run(partial(use, passkey=passkey, found=found))
        except IntegrityError:  # the challenge is spent: of parallel bearers of one exactly one gets here
            return False


def use(unit: Unit, passkey: Passkey, found: Asserted) -> bool:
    """Spend the challenge and note the use; False if the counter has gone back or the passkey is gone.

    WebAuthn §6.1.1 and §7.2 step 22 leave it to the site what a counter means that hasn't risen. Here the login is
    refused, the owner is told by mail, and the count that is kept stays. Synced passkeys don't count at all (always 0),
    so those that do are chips that never go back by themselves: of two that hold one key, one is a copy. Whoever has
    the copy gets in only once the copy is ahead, and then the owner's own next try raises the alarm.
    """
    challenges.spend(unit, found.challenge)
    table = unit.tables["passkeys"]
    mine = table.c.id == passkey.id
    count = unit.execute(sa.select(table.c.sign_count).where(mine).with_for_update()).scalar()
    if count is None:
        return False
    if found.sign_count <= count and (found.sign_count or count):
        unit.publish(PasskeyCopySuspected(user_id=passkey.user_id, name=passkey.name, at=clock.now()))
        return False
    values = {
        "sign_count": found.sign_count, "synced": found.synced, "verifies": passkey.verifies or found.verified,
        "last_used_at": clock.now(),
    }  # fmt: skip
    unit.execute(sa.update(table).where(mine).values(values))
    return True
