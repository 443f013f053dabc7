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
from housekey.capabilities.passwords.stored import NONE, has_legacy, is_short, store_hash, stored_hash
from housekey.errors import Busy, Fault, InvalidCredentials, InvalidInput
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.secret import Secret
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Client, Enrolled, Given, Kind, Outcome, Proof, Purpose
from housekey.login.factors import has_any
from housekey.store import users
from housekey.store.schema import Schema
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


def checking(house: House, given: Given) -> Checking:
    """A check of what was typed as a second step."""
    return Checking(house, given.code or Secret(""))


def enrolled(source: Any, schema: Schema, user_id: Any, *, legacy_column: str | None = None) -> Sequence[Enrolled]:
    """The person's password, if there is one; also one that is still where an older app kept it."""
    passwords = schema.tables["passwords"]
    found = source.execute(
        sa.select(passwords.c.hash, passwords.c.changed_at).where(passwords.c.user_id == user_id)
    ).first()
    if found is None and has_legacy(source, schema, user_id, legacy_column):
        return [Enrolled(id=METHOD, method=METHOD, name="", created_at=clock.now())]
    has_one = found is not None and found.hash != NONE
    return [Enrolled(id=METHOD, method=METHOD, name="", created_at=found.changed_at)] if has_one else []


def own(house: House, user_id: Any) -> Sequence[Enrolled]:
    """The same, in this app."""
    column = house.settings[PasswordSettings].legacy_column
    with house.read() as connection:
        return enrolled(connection, house.store.schema, user_id, legacy_column=column)


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
        store_hash(unit, unit.schema, user_id, new, short=is_short(unit, unit.schema, user_id))


def judge(house: House, password: Secret, own_words: Sequence[str | None], *, least: int | None = None) -> list[Fault]:
    """All that is wrong with a new password. `least`: characters, default: of one that logs in alone."""
    settings = house.settings[PasswordSettings]
    words, shortest = [word for word in own_words if word], settings.min_length if least is None else least
    return policy.judge(password.reveal(), min_length=shortest, settings=settings, own_words=words)


def least_for(house: House, user_id: Any) -> int:
    """Characters of the shortest password that this person may choose: fewer beside a second factor. Whoever takes the
    last one away must have a longer one first."""
    settings = house.settings[PasswordSettings]
    return least_of_all(house) if has_any(house, user_id) else settings.min_length


def least_by_mail(house: House, user: UserFacts | None) -> int:
    """The same for whoever opens a mailed link. Where nobody has confirmed the address the account is taken over, and a
    stranger's passkey goes with all else from before: the new password will stand alone."""
    if user is None or user.email_verified_at is None:
        return house.settings[PasswordSettings].min_length
    return least_for(house, user.id)


def least_of_all(house: House) -> int:
    """Characters that no password is shorter than."""
    settings = house.settings[PasswordSettings]
    return min(settings.min_length, settings.min_length_with_second_factor)


def is_too_short_alone(house: House, password: Secret) -> bool:
    """Whether a password is long enough only beside a second factor; to be noted with its hash."""
    return len(password.reveal()) < house.settings[PasswordSettings].min_length


def words_of(user: UserFacts | None) -> list[str | None]:
    """What a password of this person may not be made of."""
    return [user.name, user.email, user.username] if user else []


def refuse_unfit(house: House, new: Secret, user: UserFacts | None, *, least: int | None = None) -> None:
    """Raises `InvalidInput` for `password`, with all that is wrong with a new one. Where `user` isn't known yet, only
    what is wrong with it for anybody. `least`: characters, where it isn't the person's own factors that decide."""
    if least is None:
        least = least_of_all(house) if user is None else least_for(house, user.id)
    if faults := judge(house, new, words_of(user), least=least):
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
    faults = judge(house, new, words_of(attempt.user), least=least_for(house, user_id))
    if new == current:
        faults.append(Fault("unchanged", _("This is your current password. Choose another one.")))
    if faults:
        raise InvalidInput({"new": faults})
    try:
        with login.equal_time(house):
            attempt = login.prove(house, attempt, METHOD, Checking(house, current))
            replacement, short = _hashed_for(house, attempt, new), is_too_short_alone(house, new)
            return login.advance(
                house,
                attempt,
                then=lambda unit: replace(
                    unit, user_id, replacement, by="user", keep=session_id, keep_device=attempt.device, short=short
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


WRONG = _("That password isn't right, or there were too many tries. Try again, or wait a while.")
TRIES = _("There were too many tries, or your account has changed meanwhile. Wait a while, or log in again.")
WRONG_CURRENT = _("This isn't your current password, or there were too many tries. Try again, or wait a while.")


def replace(
    unit: Unit,
    user_id: Any,
    new_hash: str,
    *,
    by: str,
    keep: str | None = None,
    keep_device: str | None = None,
    short: bool = False,
) -> None:
    """Set a hash and end all that was granted under the old one, save the session `keep`. `short`: of a password that
    is long enough only beside a second factor.

    Only the browser `keep_device` stays known: who knew the old password may have made known browsers, each of
    which has tries of its own.
    """
    login.end_all(unit, user_id, "password_changed", keep=keep, forget_devices=True, keep_device=keep_device)
    former.keep(unit.session, unit.schema, user_id, by=by)
    store_hash(unit, unit.schema, user_id, new_hash, short=short)
    unit.publish(PasswordChanged(user_id=user_id, by=by, at=clock.now()))


def remove(unit: Unit, user_id: Any, *, by: str) -> None:
    """Take a password away, and all that was granted under it: whoever knows it may not be the owner."""
    replace(unit, user_id, NONE, by=by)
