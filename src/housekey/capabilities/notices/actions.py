"""The verbs of “This wasn't me”.

The link of a notice was mailed to whoever read the mailbox at that moment. So it may shut the account, whatever was
changed since: the address, the password. But it opens nothing: an old mailbox alone takes no account over (flaw 28).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from housekey import login
from housekey.capabilities.links import actions as links
from housekey.capabilities.links.actions import Link
from housekey.capabilities.notices import freezing
from housekey.capabilities.notices.notice import UNDO
from housekey.capabilities.notices.settings import NoticeSettings
from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.passwords import former
from housekey.errors import Busy, Fault, Forbidden, InvalidCredentials, InvalidInput, InvalidLink
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.secret import Secret
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Client, Kind, Proof, Purpose
from housekey.login.pipeline import Check
from housekey.store import users
from housekey.store.users import UserFacts

METHOD = "former_password"
"""Counts for itself: strangers who guess at the login page don't lock the owner out of here."""
NOT_FROZEN = _("This account isn't frozen. Freeze it first.")
WRONG_FORMER = _(
    "This wasn't the password before, or there were too many tries. If we mailed you of several changes, open the link "
    "of the oldest mail; else try again, or wait a while."
)
KNOWN = _("Somebody may know this password. Choose another one.")


@dataclass(frozen=True)
class Undo:
    """What a link “This wasn't me” is about."""

    link: Link
    user: UserFacts
    notice: str
    at: datetime

    @property
    def is_frozen(self) -> bool:
        return self.user.frozen_at is not None

    @property
    def version(self) -> int:
        """Under which `security_version` the password was valid that proves the owner."""
        return freezing.version_of(self.link)


def opened(house: House, token: str | None) -> Undo:
    """What the link of a notice is about. Looking changes nothing. Raises `InvalidLink`."""
    link = links.find(house, UNDO, token)
    if clock.now() - link.created_at > house.settings[NoticeSettings].undo_lifetime:
        raise InvalidLink()  # the setting was shortened: what proves the owner is swept
    with house.read() as connection:
        user = users.by_id(connection, house.store.schema, link.user_id)
    if user is None:
        raise InvalidLink()
    return Undo(link, user, str(link.details["notice"]), link.created_at)


def freeze(house: House, client: Client, token: str | None) -> None:
    """Shut the account, in one step; nothing happens if it is frozen already. Raises `InvalidLink` and
    `TooManyAttempts`."""
    login.admit(house, client, "undo")
    undo = opened(house, token)
    house.run(partial(_freeze, link=undo.link))


def _freeze(unit: Unit, link: Link) -> None:
    user = _locked(unit, link)
    if user.frozen_at is None:
        freezing.freeze(unit, user)
    freezing.outrank(unit, user.id, freezing.version_of(link))


def _locked(unit: Unit, link: Link) -> UserFacts:
    """Of parallel clicks one freezes and the others find it done; a freeze that is just lifted ends the link."""
    user = users.lock(unit.session, unit.schema, link.user_id)
    if user is None or not links.still_live(unit, link):
        raise InvalidLink()
    return user


def frozen(house: House, token: str | None) -> Undo:
    """The same for an account that is frozen. Raises `InvalidLink` and `Forbidden`."""
    undo = opened(house, token)
    if not undo.is_frozen:
        raise Forbidden(NOT_FROZEN)
    return undo


def restore(house: House, client: Client, token: str | None, password: Secret, new: Secret) -> None:
    """Open a frozen account to whoever holds the link and knows the password from before the change, with a `new`
    password: the thief has known the one before, or could not have changed it.

    Counted and throttled like a login. Nobody is logged in: the person goes the normal road, second factor included.
    Raises `InvalidLink`, `Forbidden` (not frozen), `InvalidInput` for `password` or `new`, `TooManyAttempts`, `Busy`,
    and `Conflict` if something can't be put back as it was.
    """
    undo = frozen(house, token)
    _judge(house, undo, password, new)
    new_hash = _proved(house, client, undo, password, new)
    house.run(partial(reopen, undo=undo, new_hash=new_hash))


def _judge(house: House, undo: Undo, password: Secret, new: Secret) -> None:
    faults = passwords.judge(house, new, passwords.words_of(undo.user))
    if new == password:
        faults.append(Fault("unchanged", KNOWN))
    if faults:
        raise InvalidInput({"new": faults})


def _proved(house: House, client: Client, undo: Undo, password: Secret, new: Secret) -> str:
    """The hash of the new password, once the former one is proved."""
    attempt = login.begin(house, client, user_id=undo.user.id, purpose=Purpose.STEP_UP)
    try:
        with login.equal_time(house):
            login.prove(house, attempt, METHOD, _checking(house, undo, password))
    except InvalidCredentials:
        raise InvalidInput.of("password", "wrong_password", WRONG_FORMER) from None
    try:
        return passwords.hashed(house, new, client.network)
    except Busy:
        login.uncount(house, attempt, METHOD)
        raise


def _checking(house: House, undo: Undo, password: Secret) -> Check:
    def check(attempt: Attempt) -> Proof:
        if not passwords.verify(house, attempt.client.network, former_hash(house, undo), password):
            raise InvalidCredentials()
        return Proof(undo.user.id, METHOD, Kind.KNOWLEDGE, clock.now())

    return check


def former_hash(house: House, undo: Undo) -> str | bytes | None:
    """Of the password that was valid before; None if there was none, or if it proves nothing."""
    kept_for = house.settings[NoticeSettings].undo_lifetime
    return former.valid_under(house, undo.user.id, undo.version, kept_for)


def reopen(unit: Unit, undo: Undo, new_hash: str | None) -> None:
    """Open it to the owner, who has proved to be it, with the new password, if there is one. Raises `InvalidLink`.

    Under the lock nothing has changed since the proof. The links end before the password changes, for that mails a
    notice with a link of its own, to the address that was put back.
    """
    user = _locked(unit, undo.link)
    if user.frozen_at is None or user.security_version != undo.user.security_version:
        raise InvalidLink()
    freezing.give_back(unit, user.id, undo.version)
    if new_hash is not None:
        passwords.replace(unit, user.id, new_hash, by="undo")
