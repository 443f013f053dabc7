"""The verbs that open a frozen account by a second factor.

Whoever holds the link of a notice reads a mailbox, or has read it; that alone opens nothing (flaw 28). With it, what
counts is a factor that was there before the change, as the former password does: one that came with the thief proves
nothing, and neither does what only helps out for others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from housekey import login
from housekey.capabilities.factors import undo as factors_undo
from housekey.capabilities.factors.actions import WRONG
from housekey.capabilities.factors.enrolling import NOT_ASKED, refuse_without
from housekey.capabilities.notices import actions as notices
from housekey.capabilities.notices.actions import Undo
from housekey.capabilities.notices.ways import Way
from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.passwords.stored import stored_hash
from housekey.errors import Busy, Fault, InvalidCredentials, InvalidInput
from housekey.house import House
from housekey.kernel.secret import Secret
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Client, Factor, Given, Purpose

ENDPOINT = "housekey.reopen"
NO_PASSWORD = _("Choose a new password: somebody else may know the one that is set.")


@dataclass(frozen=True)
class Witness:
    """A factor that can prove the owner, and the ids of those that were there before."""

    factor: Factor
    ids: frozenset[str]


@dataclass(frozen=True)
class Asked:
    """What the owner of a frozen account is asked for. `attempt` hangs on the link: what is signed for one link, or for
    a login, is worthless elsewhere (flaw 36)."""

    undo: Undo
    factor: Factor
    ids: frozenset[str]
    attempt: Attempt


def witnesses(house: House, undo: Undo) -> list[Witness]:
    """The factors that prove the owner, the strongest first."""
    schema, user_id = house.store.schema, undo.user.id
    with house.read() as connection:
        later = factors_undo.added_since(connection, schema, user_id, undo.version)
        mine = [
            (one, frozenset(each.id for each in one.enrolled(connection, schema, user_id))) for one in house.factors
        ]
    return [Witness(factor, ids - later) for factor, ids in mine if ids - later and _proves(house, factor, ids & later)]


def _proves(house: House, factor: Factor, later: frozenset[str]) -> bool:
    return not factor.backup and factor.is_offered(house) and (factor.tells_apart or not later)


def ways(house: House, undo: Undo) -> list[Way]:
    """The same as links."""
    return [Way(one.factor.way, ENDPOINT, {"method": one.factor.method}) for one in witnesses(house, undo)]


def methods(house: House, token: str | None) -> tuple[Undo, Sequence[str]]:
    """What a link is about, and the methods that prove the owner, the former password always among them. Raises
    `InvalidLink`."""
    undo = notices.opened(house, token)
    return undo, [notices.METHOD, *(one.factor.method for one in witnesses(house, undo))]


def asked(house: House, client: Client, token: str | None, method: str) -> Asked:
    """What somebody is asked for who has chosen a method. Raises `InvalidLink`, `Forbidden` (not frozen), and
    `InvalidInput` for a `method` that proves nothing here."""
    undo = notices.frozen(house, token)
    found = next((one for one in witnesses(house, undo) if one.factor.method == method), None)
    if found is None:
        raise InvalidInput.of("method", "not_a_choice", NOT_ASKED)
    bond = f"undo:{undo.link.id}"
    attempt = login.begin(house, client, user_id=undo.user.id, purpose=Purpose.STEP_UP, token=bond)
    return Asked(undo, found.factor, found.ids, attempt)


def needs_password(house: House, undo: Undo) -> bool:
    """Whether a new one must be chosen: somebody has set the one that is there."""
    return stored_hash(house, undo.user.id) is not None


def restore(house: House, client: Client, token: str | None, method: str, given: Given, new: Secret | None) -> None:
    """Open a frozen account to whoever holds the link and proves a factor from before, with a `new` password; without
    one only where none is set.

    Counted and throttled like a second step. Nobody is logged in. Raises what `asked` does, `InvalidInput` also for
    `new` and for what is missing, `InvalidCredentials`, `TooManyAttempts`, `Busy`, and `Conflict` if something can't be
    put back as it was.
    """
    now = asked(house, client, token, method)
    refuse_without(now.factor, given)
    _judge(house, now.undo, new)
    _prove(house, now, replace(given, only=now.ids))
    new_hash = None if new is None else _hashed(house, now, new)
    house.run(partial(notices.reopen, undo=now.undo, new_hash=new_hash))


def _judge(house: House, undo: Undo, new: Secret | None) -> None:
    if new is not None:
        faults = passwords.judge(house, new, passwords.words_of(undo.user))
    else:
        faults = [Fault("missing", NO_PASSWORD)] if needs_password(house, undo) else []
    if faults:
        raise InvalidInput({"new": faults})


def _prove(house: House, now: Asked, given: Given) -> None:
    try:
        with login.equal_time(house):
            login.prove(house, now.attempt, now.factor.method, now.factor.checking(house, given))
    except InvalidCredentials:
        raise InvalidCredentials(now.factor.wrong or WRONG) from None


def _hashed(house: House, now: Asked, new: Secret) -> str:
    """Of the new password. Only whoever has proved the factor learns that it is the one from before, or the one that is
    set: the link alone must be no way to guess at them."""
    network = now.attempt.client.network
    try:
        for known in (stored_hash(house, now.undo.user.id), notices.former_hash(house, now.undo)):
            if known is not None and passwords.verify(house, network, known, new):
                raise InvalidInput.of("new", "unchanged", notices.KNOWN)
        return passwords.hashed(house, new, network)
    except Busy:
        login.uncount(house, now.attempt, now.factor.method)
        raise
