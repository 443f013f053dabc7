"""Making an account, and removing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from housekey import login
from housekey.capabilities.links import proofs
from housekey.capabilities.links.actions import Link
from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.passwords.stored import store_hash
from housekey.capabilities.registration import claims, pending
from housekey.capabilities.registration.brought import Brought, Keepers
from housekey.capabilities.registration.events import UserDeleted, UserRegistered
from housekey.capabilities.registration.pending import AwaitsMail
from housekey.capabilities.registration.settings import RegistrationSettings, refuse_if_closed
from housekey.capabilities.roles import actions as roles
from housekey.capabilities.verification import actions as verification
from housekey.errors import Conflict, Fault, InvalidInput, NotFound
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.mail import LetterRenderer
from housekey.kernel.secret import Secret
from housekey.kernel.texts import language
from housekey.kernel.texts import text as _
from housekey.login import Client, Kind, Outcome
from housekey.store.making import new_user

MADE_NOW = frozenset({login.REGISTERED})
Then = Callable[[Unit, Any], object]


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to register with. `extra`: the host's own columns. Only an operator makes accounts without
    a password and without what is `brought` instead."""

    email: str
    password: Secret | None
    username: str | None = None
    name: str | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    brought: Brought | None = None

    def columns(self) -> dict[str, Any]:
        """What goes into the host's `User`; nothing for what wasn't given."""
        given = {"email": self.email, "username": self.username, "name": self.name}
        return {name: value for name, value in given.items() if value} | self.extra


@dataclass(frozen=True)
class Proved:
    """An address whose mail was read. `spend` uses up what shows it, `welcome` gives the user, by the key, what comes
    with it; both in the transaction that makes the account."""

    email: str
    spend: Callable[[Unit], object]
    welcome: Then | None = None


def register(
    house: House,
    client: Client,
    wanted: Wanted,
    *,
    typed: Mapping[str, Any],
    asker: Callable[[], str],
    target: str | None = None,
    admitted: bool = False,
) -> Outcome | AwaitsMail:
    """Make the account and log in on the one road; or mail a link that does, where addresses are confirmed first.
    `typed`: what was sent, as JSON has it, to be kept until then; `asker`: gives the token of the browser,
    which holds one only where a mail is sent; `admitted`: the guards have counted this request already.

    Raises `RegistrationClosed`, `TooManyAttempts`, `InvalidInput` (all faults at once) or `Busy`.
    """
    refuse_if_closed(house)
    if not admitted:
        login.admit(house, client, "register")
    mode = house.settings[RegistrationSettings].verification
    wanted = judged(house, wanted, tell_taken=mode != "required")
    new_hash = _hashed(house, wanted, client.network)
    if mode == "required":
        return pending.wait_for_mail(house, wanted.email, new_hash, typed, asker(), wanted.brought)
    then = partial(verification.send_to, asker=asker()) if mode == "grace" else None
    user_id = create(house, wanted, new_hash, then=then)
    method, kind = passwords.METHOD, Kind.KNOWLEDGE
    if wanted.brought is not None:
        method, kind = wanted.brought.method, wanted.brought.shows
    return login.vouch(house, client, user_id, method=method, kind=kind, target=target, done=MADE_NOW)


def complete(house: House, client: Client, link: Link, wanted: Wanted, new_hash: str | None) -> Outcome:
    """Make the account of a registration whose mail was read, and log in. `new_hash`: of the password typed before
    in this very browser; else `wanted.password` is a new one.

    Raises `RegistrationClosed`, `InvalidInput` (the link isn't spent then), `InvalidLink` or `Busy`.
    """
    refuse_if_closed(house)
    proved = Proved(link.email or "", spend=partial(pending.spend, link=link))
    return enter(house, client, proved, wanted, new_hash)


def enter(house: House, client: Client, proved: Proved, wanted: Wanted, new_hash: str | None = None) -> Outcome:
    """Make the account of somebody who reads the mail of its address, and log in; whether registration is open is the
    caller's matter. Raises as `complete` does."""
    wanted = judged(house, replace(wanted, email=proved.email), tell_taken=False)
    new_hash = _hashed(house, wanted, client.network) or new_hash
    user_id = create(house, wanted, new_hash, proved=proved, then=proved.welcome)
    if wanted.brought is not None:  # shown hours ago perhaps, so it is asked for once more
        return login.vouch(house, client, user_id, method=proofs.METHOD, channel=proofs.METHOD, done=MADE_NOW)
    return login.vouch(house, client, user_id, method=passwords.METHOD, done=MADE_NOW)


def enrol(house: House, wanted: Wanted, granted: Collection[str] = ()) -> Any:
    """Make an account on an operator's word, with these roles, also where registration is closed; answers the key.

    Nobody is logged in. Raises `InvalidInput` (all faults at once) or `NotFound` for a role.
    """
    wanted = judged(house, wanted)
    return create(house, wanted, _hashed(house, wanted, passwords.LOCAL), granted)


def _hashed(house: House, wanted: Wanted, network: str | None) -> str | None:
    return None if wanted.password is None else passwords.hashed(house, wanted.password, network)


def judged(house: House, wanted: Wanted, *, tell_taken: bool = True) -> Wanted:
    """The same in the form in which it is kept. Raises `InvalidInput`; `tell_taken`: also for an address that is."""
    faults: defaultdict[str, list[Fault]] = defaultdict(list)
    email, faults["email"] = claims.checked_email(house, wanted.email)
    username = wanted.username
    if username:
        username, faults["username"] = claims.checked_username(house, username)
    faults["name"] = claims.name_faults(_trimmed(wanted.name))
    if wanted.password is not None:
        faults["password"] = passwords.judge(house, wanted.password, [wanted.email, username, wanted.name])
    checked = Wanted(email, wanted.password, username or None, _trimmed(wanted.name), wanted.extra, wanted.brought)
    for name, found in claims.length_faults(house.store.schema, checked.columns()).items():
        faults[name] = [*faults[name], *found]
    with house.read() as connection:
        _add_taken(connection, house, checked, faults, tell_email=tell_taken)
    _raise_if_any(faults)
    return checked


def _trimmed(name: str | None) -> str | None:
    return (name or "").strip() or None


def _add_taken(
    source: Any, house: House, wanted: Wanted, faults: dict[str, list[Fault]], *, tell_email: bool = True
) -> None:
    if tell_email and not faults.get("email"):
        faults["email"] = claims.email_faults(source, house.store.schema, wanted.email)
    if wanted.username and not faults.get("username"):
        faults["username"] = claims.username_faults(source, house.store.schema, wanted.username)


def _raise_if_any(faults: dict[str, list[Fault]]) -> None:
    found = {name: own for name, own in faults.items() if own}
    if found:
        raise InvalidInput(found)


def create(
    house: House,
    wanted: Wanted,
    new_hash: str | None,
    granted: Collection[str] = (),
    *,
    proved: Proved | None = None,
    then: Then | None = None,
) -> Any:
    """Insert the user with all that belongs to it; answers the key. Of two parallel registrations of one address
    or username one wins, and the other gets the same answer as if it had come later. The address of `proved` counts
    as confirmed. `then`: what else belongs to it, by the key."""
    ensure_default_role(house)
    try:
        return house.run(lambda unit: _created(unit, wanted, new_hash, granted, proved, then))
    except DBAPIError as error:
        if not claims.is_refusal(error):
            raise
        faults: dict[str, list[Fault]] = {}
        with house.read() as connection:
            _add_taken(connection, house, wanted, faults)
        _raise_if_any(faults)
        raise claims.not_kept(error) from None


def ensure_default_role(house: House) -> None:
    """Before the account: whoever registers can't help it that an operator has forgotten the role or deleted it. It is
    made without rights, which is as safe as an error; the doctor tells of a name that isn't there yet."""
    role = house.settings[RegistrationSettings].default_role
    if role is not None:
        roles.ensure(house, role)


def _created(
    unit: Unit,
    wanted: Wanted,
    new_hash: str | None,
    granted: Collection[str],
    proved: Proved | None,
    then: Then | None,
) -> Any:
    if proved is not None:
        proved.spend(unit)
    user_id = _insert(unit, wanted, new_hash, granted)
    if proved is not None:
        verification.mark(unit, user_id, proved.email)
    if then is not None:
        then(unit, user_id)
    return user_id


def _keep_language(unit: Unit, user_id: Any) -> None:
    """What the browser of whoever registers asks for, so that later mails speak it, too: those that a stranger or an
    administrator causes know no browser of theirs. The site's own language needs no note."""
    renderer = unit.house.service(LetterRenderer)  # type: ignore[type-abstract]
    theirs = renderer.language(language.get())
    if theirs != renderer.language() and unit.house.circumstances().kind == "anonymous":
        accounts = unit.tables["accounts"]
        unit.execute(sa.update(accounts).where(accounts.c.user_id == user_id).values(language=theirs))


def _insert(unit: Unit, wanted: Wanted, new_hash: str | None, granted: Collection[str]) -> Any:
    faults: dict[str, list[Fault]] = {}
    _add_taken(unit.session, unit.house, wanted, faults)
    _raise_if_any(faults)
    user = new_user(unit.schema, wanted.columns())
    unit.session.add(user)
    unit.session.flush()
    user_id = unit.schema.mapper.primary_key_from_instance(user)[0]
    if wanted.username:  # once more: a look-alike may have been taken between our first look and our own claim
        _raise_if_any({"username": claims.username_faults(unit.session, unit.schema, wanted.username, user_id)})
    if new_hash is not None:
        store_hash(unit.session, unit.schema, user_id, new_hash)
    _keep_language(unit, user_id)
    if wanted.brought is not None:
        unit.house.service(Keepers).keep(unit, user_id, wanted.brought)
    role = unit.house.settings[RegistrationSettings].default_role
    if role is not None:
        roles.grant(unit, user_id, role)
    for name in granted:
        roles.appoint(unit, user_id, name)
    unit.publish(UserRegistered(user_id=user_id, at=clock.now()))
    return user_id


def delete(house: House, user_id: Any) -> None:
    """Remove an account for good, with all that Housekey keeps about it. Raises `NotFound`, and `Conflict` while rows
    of the host refer to the user."""
    try:
        house.run(lambda unit: remove(unit, user_id))
    except IntegrityError:
        raise Conflict(REFERRED_TO) from None


REFERRED_TO = _("Rows of your own tables refer to this user. Remove them first, or disable the account instead.")


def remove(unit: Unit, user_id: Any) -> None:
    """The same as a part of a transaction. Raises `NotFound`, what a listener of `UserDeleted` raises, and
    `IntegrityError` while rows of the host refer to the user."""
    key = unit.schema.key
    unit.execute(sa.select(key).where(key == user_id).with_for_update())  # no new row may refer to it from now on
    user = unit.session.get(unit.schema.user, user_id)
    if user is None:
        raise NotFound()
    login.end_all(unit, user_id, "deleted")
    unit.publish(UserDeleted(user_id=user_id, at=clock.now()))
    unit.session.delete(user)
    unit.session.flush()
