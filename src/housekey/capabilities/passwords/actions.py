"""The verbs of passwords: check one on the road, change it, hash a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from housekey import login
from housekey.capabilities.passwords import former, policy
from housekey.capabilities.passwords.events import PasswordChanged
from housekey.capabilities.passwords.hashing import Hasher
from housekey.capabilities.passwords.pool import HashPool
from housekey.capabilities.passwords.settings import PasswordSettings
from housekey.capabilities.passwords.stored import NONE, store_hash, stored_hash
from housekey.errors import Busy, Fault, InvalidCredentials, InvalidInput
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.secret import Secret
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Client, Kind, Outcome, Proof, Purpose
from housekey.store import users
from housekey.store.users import UserFacts

METHOD = "pwd"
"""RFC 8176 §2."""
LOCAL = "local"
"""The network of work that no request has asked for."""


@dataclass(frozen=True)
class Vault:
    """The hasher of an app, and the pool that bounds its work."""

    hasher: Hasher
    pool: HashPool


@dataclass(repr=False)
class Checking:
    """A check for the road. For nobody, and for one without a password, it does the same work and refuses.

    `fitting`: the hash that the password has been found to fit.
    """

    house: House
    password: Secret
    fitting: str | bytes | None = field(default=None, init=False)

    def __call__(self, attempt: Attempt) -> Proof:
        user_id = attempt.user.id if attempt.user else None
        stored = stored_hash(self.house, user_id)
        fits = verify(self.house, attempt.client.network, stored, self.password)
        if not fits or stored is None or user_id is None:
            raise InvalidCredentials()
        self.fitting = stored
        return Proof(user_id, METHOD, Kind.KNOWLEDGE, clock.now())


def verify(house: House, network: str | None, stored: str | bytes | None, password: Secret) -> bool:
    """Raises `Busy` if the pool is full."""
    vault = house.service(Vault)
    return vault.pool.run(network or object(), lambda: vault.hasher.verify(stored, password.reveal()))


def hashed(house: House, password: Secret, network: str | None = LOCAL) -> str:
    """A new hash. Raises `Busy` if the pool is full."""
    vault = house.service(Vault)
    return vault.pool.run(network or object(), lambda: vault.hasher.hash(password.reveal()))


def upgrade(house: House, user_id: Any, checked: Checking) -> None:
    """Make an old hash anew with today's parameters, after a login that has just shown the password.

    Does nothing if the password was changed meanwhile.
    """
    old = checked.fitting
    if old is None or not house.service(Vault).hasher.needs_rehash(old):
        return
    try:
        new = hashed(house, checked.password)
    except Busy:
        return  # the next login will do
    house.run(lambda unit: _store_unless_changed(unit, user_id, old, new))


def _store_unless_changed(unit: Unit, user_id: Any, old: str | bytes, new: str) -> None:
    """Under the lock that every change of a password takes: else the old one could come back a moment later."""
    if users.lock(unit.session, unit.schema, user_id) is None:
        return  # erased in the moment since the login
    passwords = unit.tables["passwords"]
    current = unit.execute(sa.select(passwords.c.hash).where(passwords.c.user_id == user_id)).scalar()
    if current in (old, None):
        store_hash(unit, unit.schema, user_id, new)


def judge(house: House, password: Secret, own_words: Sequence[str | None]) -> list[Fault]:
    """All that is wrong with a new password."""
    settings = house.settings[PasswordSettings]
    words = [word for word in own_words if word]
    return policy.judge(password.reveal(), min_length=settings.min_length, settings=settings, own_words=words)


def words_of(user: UserFacts | None) -> list[str | None]:
    """What a password of this person may not be made of."""
    return [user.name, user.email, user.username] if user else []


def refuse_unfit(house: House, new: Secret, user: UserFacts | None) -> None:
    """Raises `InvalidInput` for `password`, with all that is wrong with a new one."""
    if faults := judge(house, new, words_of(user)):
        raise InvalidInput({"password": faults})


def change(
    house: House,
    client: Client,
    *,
    user_id: Any,
    session_id: str,
    current: Secret,
    new: Secret,
    target: str | None = None,
) -> Outcome:
    """Replace the password of a logged-in person who knows the current one; ends all other sessions. If more is asked
    first, nothing is changed yet; `target` is where the person then goes on.

    Raises `InvalidInput` for `current` (wrong, counted like a login) or `new` (all its faults), and `Busy`.
    """
    attempt = login.begin(house, client, user_id=user_id, purpose=Purpose.STEP_UP, session_id=session_id, target=target)
    faults = judge(house, new, words_of(attempt.user))
    if new == current:
        faults.append(Fault("unchanged", _("This is your current password. Choose another one.")))
    if faults:
        raise InvalidInput({"new": faults})
    try:
        with login.equal_time(house):
            attempt = login.prove(house, attempt, METHOD, Checking(house, current))
            replacement = _hashed_for(house, attempt, new)
            return login.advance(
                house,
                attempt,
                then=lambda unit: replace(
                    unit, user_id, replacement, by="user", keep=session_id, keep_device=attempt.device
                ),
            )
    except InvalidCredentials:
        raise InvalidInput.of("current", "wrong_password", WRONG_CURRENT) from None


def _hashed_for(house: House, attempt: Attempt, new: Secret) -> str:
    try:
        return hashed(house, new, attempt.client.network)
    except Busy:
        login.uncount(house, attempt, METHOD)  # the current password was right
        raise


def assign(house: House, user: UserFacts, new: Secret, *, by: str) -> None:
    """Give a user a new password on the word of `by`; ends all sessions. Raises `InvalidInput` for `password`."""
    faults = judge(house, new, words_of(user))
    if faults:
        raise InvalidInput({"password": faults})
    replacement = hashed(house, new)
    house.run(lambda unit: replace(unit, user.id, replacement, by=by))


WRONG_CURRENT = _("This isn't your current password, or there were too many tries. Try again, or wait a while.")


def replace(
    unit: Unit, user_id: Any, new_hash: str, *, by: str, keep: str | None = None, keep_device: str | None = None
) -> None:
    """Set a hash and end all that was granted under the old one, save the session `keep`.

    Only the browser `keep_device` stays known: who knew the old password may have made known browsers, each of
    which has tries of its own.
    """
    login.end_all(unit, user_id, "password_changed", keep=keep, forget_devices=True, keep_device=keep_device)
    former.keep(unit.session, unit.schema, user_id, by=by)
    store_hash(unit, unit.schema, user_id, new_hash)
    unit.publish(PasswordChanged(user_id=user_id, by=by, at=clock.now()))


def remove(unit: Unit, user_id: Any, *, by: str) -> None:
    """Take a password away, and all that was granted under it: whoever knows it may not be the owner."""
    replace(unit, user_id, NONE, by=by)
