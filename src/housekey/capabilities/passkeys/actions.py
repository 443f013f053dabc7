"""The verbs of passkeys: add one, rename it, remove it, log in with it; and the check on the road."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from housekey import login
from housekey.capabilities.factors import actions as factors
from housekey.capabilities.factors.actions import Owner
from housekey.capabilities.factors.enrolling import NOT_ASKED
from housekey.capabilities.factors.events import FactorRenamed
from housekey.capabilities.mail.carrier import MailCarrier
from housekey.capabilities.mailed_login.settings import MailedLoginSettings
from housekey.capabilities.passkeys import ceremonies, challenges, kept, options
from housekey.capabilities.passkeys.authenticators import default_name
from housekey.capabilities.passkeys.ceremonies import Asserted, BadCredential, Created
from housekey.capabilities.passkeys.challenges import Scope
from housekey.capabilities.passkeys.events import PasskeyCopySuspected
from housekey.capabilities.passkeys.kept import METHOD, Passkey
from housekey.capabilities.passkeys.options import CreationOptions, PersonShape, RequestOptions
from housekey.capabilities.passkeys.party import RelyingParty
from housekey.capabilities.recovery_codes.actions import keep, prepare
from housekey.capabilities.recovery_codes.codes import NewSet
from housekey.errors import Conflict, Forbidden, InvalidCredentials, InvalidInput, NotFound
from housekey.house import House, Unit
from housekey.kernel import clock, tokens
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Client, Enrolled, Given, Kind, Outcome, Proof, Purpose
from housekey.login.factors import firsts
from housekey.login.pipeline import Check
from housekey.store import users

TOLD_ONCE_IN = timedelta(days=1)
MOST = 20
"""Passkeys of one account."""
CLOSED = _("Nobody uses passkeys on this site.")
WRONG = _("That passkey didn't work here, or there were too many tries. Try again, or choose another way.")
NOT_ADDED = _("This passkey couldn't be added. Try again.")
BLANK = _("Give it a name that you know it by.")
TOO_MANY = _("You have {count} passkeys already. Remove one first.", count=MOST)
LAST = _("This passkey is your only way in. Choose a password first, or add another passkey.")
Credential = Mapping[str, Any]


def party_of(house: House) -> RelyingParty:
    """The site as authenticators know it. Raises `Forbidden` where nobody uses passkeys: in the handler, not only in
    the page (flaw 44)."""
    party = house.service(RelyingParty)
    if not party.is_offered:
        raise Forbidden(CLOSED)
    return party


def adding(owner: Owner) -> Scope:
    return Scope("add", (str(owner.session_id), str(owner.user_id)))


def add_options(house: House, owner: Owner) -> CreationOptions:
    """What the browser is asked with, for somebody who is logged in. Raises `Forbidden` and `Conflict`."""
    party = party_of(house)
    handle = house.run(partial(_handle, owner=owner))
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, owner.user_id)
        has = kept.of(connection, house.store.schema, owner.user_id)
    if len(has) >= MOST:
        raise Conflict(TOO_MANY)
    known_as = (user.email or user.username or user.name) if user else ""
    person = PersonShape(id=handle, name=known_as, display_name=user.name if user else "")
    return options.creation(party, challenges.issue(house, adding(owner)), person, has)


def _handle(unit: Unit, owner: Owner) -> str:
    factors.lock_to_add(unit, owner)
    return kept.ensure_handle(unit, owner.user_id)


@dataclass(frozen=True)
class Added:
    """A passkey that works. `recovery_codes`: with the first factor, to be shown this once."""

    passkey: Enrolled
    recovery_codes: Sequence[str] | None = field(repr=False)


def add(house: House, owner: Owner, credential: Credential, name: str = "") -> Added:
    """Keep a passkey that the browser has made. Raises `Forbidden`, `Conflict`, `UnconfirmedAddress`, `Busy`, and
    `InvalidInput` for `credential`."""
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


def one(house: House, user_id: Any, passkey_id: str) -> Enrolled:
    """One of a person's passkeys. Raises `NotFound`."""
    with house.read() as connection:
        return kept.one(connection, house.store.schema, user_id, passkey_id).enrolled


def rename(house: House, owner: Owner, passkey_id: str, name: str) -> Enrolled:
    """Call a passkey otherwise. Raises `NotFound`, and `InvalidInput` for `name`."""
    wanted = name.strip()
    if not wanted:
        raise InvalidInput.of("name", "missing", BLANK)
    return house.run(partial(_rename, owner=owner, passkey_id=passkey_id, name=wanted))


def _rename(unit: Unit, owner: Owner, passkey_id: str, name: str) -> Enrolled:
    table = unit.tables["passkeys"]
    factors.lock(unit, owner)
    found = kept.one(unit.session, unit.schema, owner.user_id, passkey_id)
    unit.execute(sa.update(table).where(table.c.id == found.id).values(name=name))
    unit.publish(FactorRenamed(user_id=owner.user_id, method=METHOD, name=name, at=clock.now()))
    return kept.one(unit.session, unit.schema, owner.user_id, passkey_id).enrolled


def remove(house: House, owner: Owner, passkey_id: str) -> Enrolled:
    """Forget a passkey. Raises `NotFound`, and `Conflict` for the last way in."""
    return house.run(partial(_remove, owner=owner, passkey_id=passkey_id))


def _remove(unit: Unit, owner: Owner, passkey_id: str) -> Enrolled:
    passkey = kept.one(unit.session, unit.schema, owner.user_id, passkey_id).enrolled
    factors.remove(unit, owner, passkey, partial(_take, unit, owner, passkey))
    return passkey


def _take(unit: Unit, owner: Owner, passkey: Enrolled) -> None:
    """The user is locked: of two that are removed at once, the second finds itself the last."""
    if not kept.take(unit, owner.user_id, passkey.id):
        raise NotFound()
    if not _has_another_way(unit, owner.user_id):
        raise Conflict(LAST)


def _has_another_way(unit: Unit, user_id: Any) -> bool:
    """Recovery codes and apps open nothing by themselves."""
    house, user = unit.house, users.by_id(unit.session, unit.schema, user_id)
    mails = house.settings[MailedLoginSettings].open and house.service(MailCarrier).way != "none"
    by_mail = mails and user is not None and bool(user.email)
    left = kept.of(unit.session, unit.schema, user_id)
    return bool(left) or by_mail or bool(firsts(house, unit.session, user_id))


def logging_in(browser: str | None) -> Scope:
    """Before any proof a challenge is bound to the browser, by a random cookie of its own."""
    return Scope("login", (browser or "",))


def stepping_up(user_id: Any, session_id: str | None) -> Scope:
    return Scope("step_up", (str(session_id), str(user_id)))


def second_step(attempt: Attempt) -> Scope:
    return Scope("second_step", (attempt.token or "", attempt.user.key if attempt.user else ""))


def login_options(house: House, browser: str) -> RequestOptions:
    """For nobody yet: no passkey is listed, so nobody learns who has one. Raises `Forbidden`."""
    return options.request(party_of(house), challenges.issue(house, logging_in(browser)))


def own_options(house: House, scope: Scope, user_id: Any) -> RequestOptions:
    """For somebody who is known, with that person's passkeys. Raises `Forbidden`."""
    with house.read() as connection:
        has = kept.of(connection, house.store.schema, user_id)
    return options.request(party_of(house), challenges.issue(house, scope), has)


def second_step_options(house: House, attempt: Attempt) -> RequestOptions:
    """For a login that waits for it. Raises `Forbidden`, and `InvalidInput` for one that doesn't."""
    if METHOD not in {factor.method for factor in factors.asked(house, attempt)} or attempt.user is None:
        raise InvalidInput.of("method", "not_a_choice", NOT_ASKED)
    return own_options(house, second_step(attempt), attempt.user.id)


def log_in(
    house: House, client: Client, credential: Credential, *, browser: str | None, remember: bool = False,
    target: str | None = None,
) -> Outcome:  # fmt: skip
    """A session, or the next challenge, for whoever the passkey says it is.

    Unknown, wrong, replayed, from another page, locked and disabled are one `InvalidCredentials`. Tries are counted
    for the passkey's owner; where nobody has it, for the network. Raises `Forbidden` and `TooManyAttempts`.
    """
    party_of(house)
    with _as_wrong(house):
        passkey = _found(house, credential)
        attempt = login.begin(
            house, client, user_id=passkey.user_id if passkey else None, remember=remember, target=target
        )
        if passkey is None or attempt.user is None:
            login.admit(house, client, "login")
            login.record_refusal(house, attempt, METHOD, InvalidCredentials.code)
            raise InvalidCredentials()
        check = Checking(house, credential, lambda _attempt: logging_in(browser), names_owner=True)
        return login.advance(house, login.prove(house, attempt, METHOD, check))


def reauthenticate(
    house: House, client: Client, credential: Credential, *, user_id: Any, session_id: str, target: str | None = None
) -> Outcome:
    """The same person proves again: the session gets a new token and a new `auth_time`. Raises `Forbidden`,
    `InvalidCredentials` and `TooManyAttempts`; tries count as at login."""
    party_of(house)
    with _as_wrong(house):
        attempt = login.begin(
            house, client, user_id=user_id, purpose=Purpose.STEP_UP, session_id=session_id, target=target
        )
        check = Checking(house, credential, lambda _attempt: stepping_up(user_id, session_id))
        return login.advance(house, login.prove(house, attempt, METHOD, check))


@contextmanager
def _as_wrong(house: House) -> Iterator[None]:
    """One text for all that is wrong, after one time."""
    try:
        with login.equal_time(house):
            yield
    except InvalidCredentials:
        raise InvalidCredentials(WRONG) from None


def _found(house: House, credential: Credential) -> Passkey | None:
    try:
        return kept.by_credential(house, ceremonies.id_of(credential))
    except BadCredential:
        return None


def checking(house: House, given: Given) -> Check:
    """A check for the road: a passkey as the second step."""
    return Checking(house, given.credential or {}, second_step)


@dataclass(frozen=True)
class Checking:
    """A check for the road. `scope`: what the challenge must be bound to; `names_owner`: whether the passkey itself
    must say whose it is, where nobody has said so before (WebAuthn §7.2 step 6)."""

    house: House
    credential: Credential = field(repr=False)
    scope: Callable[[Attempt], Scope]
    names_owner: bool = False

    def __call__(self, attempt: Attempt) -> Proof:
        user_id = attempt.user.id if attempt.user else None
        passkey = _found(self.house, self.credential)
        if passkey is None or passkey.user_id != user_id:
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
