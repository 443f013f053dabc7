"""A passkey as the factor that is set up inside a login."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlalchemy.exc import IntegrityError

from housekey.capabilities.factors import actions as factors
from housekey.capabilities.factors import enrolling
from housekey.capabilities.passkeys import adding, challenges, kept, options
from housekey.capabilities.passkeys.authenticators import default_name
from housekey.capabilities.passkeys.ceremonies import Created
from housekey.capabilities.passkeys.challenges import Scope
from housekey.capabilities.passkeys.kept import METHOD, Passkey
from housekey.capabilities.passkeys.options import CreationOptions
from housekey.capabilities.passkeys.party import party_of
from housekey.capabilities.recovery_codes.actions import keep, prepare
from housekey.capabilities.recovery_codes.codes import NewSet
from housekey.errors import Conflict, InvalidInput, LoginExpired
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.texts import text as _
from housekey.login import Attempt, Given, Kind, Proof
from housekey.login.factors import is_by_key_alone
from housekey.store import users

NOT_VERIFIED = _(
    "This passkey asked for no PIN, finger or face, so it is one step, as the key that you have. Use one that asks, or "
    "choose a password."
)


def scope(attempt: Attempt) -> Scope:
    """Bound to the parked login: worthless in another one of the same person."""
    return Scope("first", (attempt.token or "", attempt.user.key if attempt.user else ""))


def begin(unit: Unit, attempt: Attempt) -> None:
    """Give the person the name by which authenticators keep them."""
    assert attempt.user is not None  # parked
    users.lock(unit.session, unit.schema, attempt.user.id)
    kept.ensure_handle(unit, attempt.user.id)


def shown(house: House, attempt: Attempt) -> Mapping[str, Any]:
    """What kind of passkey would do. What the browser is asked with comes from `creation_options`, for each try."""
    return {"user_verification": "required" if _must_verify(house, attempt) else "preferred"}


def _must_verify(house: House, attempt: Attempt) -> bool:
    return is_by_key_alone(house, attempt.proofs[0])


def creation_options(house: House, attempt: Attempt) -> CreationOptions:
    """What the browser is asked with. Raises `Forbidden`, `LoginExpired`, and `InvalidInput` for a login that doesn't
    wait for a passkey to be set up."""
    party = party_of(house)
    if METHOD not in enrolling.asked(house, attempt) or attempt.user is None:
        raise InvalidInput.of("method", "not_a_choice", enrolling.NOT_ASKED)
    with house.read() as connection:
        handle = kept.handle_of(connection, house.store.schema, attempt.user.id)
        has = kept.of(connection, house.store.schema, attempt.user.id)
    if handle is None:  # passkeys were switched on since it was parked
        raise LoginExpired()
    person, challenge = adding.person_of(attempt.user, handle), challenges.issue(house, scope(attempt))
    return options.creation(party, challenge, person, has, verified=_must_verify(house, attempt))


class FirstPasskey:
    """What the browser has made."""

    def __init__(self, house: House, attempt: Attempt, given: Given) -> None:
        self._house, self._given = house, given
        self._new: Created | None = None
        self._codes: NewSet | None = None

    def __call__(self, attempt: Attempt) -> Proof:
        assert attempt.user is not None  # parked
        new = adding.judged(self._house, scope(attempt), self._given.credential or {})
        if _must_verify(self._house, attempt) and not new.verified:
            raise InvalidInput.of("credential", "not_verified", NOT_VERIFIED)
        if not factors.own(self._house, attempt.user.id):
            self._codes = prepare(self._house, attempt.client.network)
        self._new = new
        return Proof(attempt.user.id, METHOD, Kind.VERIFIED if new.verified else Kind.POSSESSION, clock.now())

    def enrol(self, unit: Unit, attempt: Attempt, name: str) -> Sequence[str] | None:
        """Of two parallel ones one wins: the other finds the challenge spent, or the account changed."""
        assert attempt.user is not None  # proved
        assert self._new is not None
        passkey = self._named(unit, attempt, self._new, name)
        write = partial(_write, unit, passkey, self._new)
        try:
            first = factors.add_on_the_way_in(unit, attempt, passkey.enrolled, write)
        except IntegrityError:  # the challenge was spent, or somebody has that very passkey
            raise adding.refused_as_new() from None
        if not first or self._codes is None:
            return None
        keep(unit, attempt.user.id, self._codes)
        return self._codes.codes

    def _named(self, unit: Unit, attempt: Attempt, new: Created, name: str) -> Passkey:
        user_id = attempt.user.id if attempt.user else None
        taken = {one.name for one in kept.of(unit.session, unit.schema, user_id)}
        wanted = name or default_name(new.aaguid, new.transports, attempt.client.user_agent, taken)
        return adding.as_kept(user_id, new, wanted)


def _write(unit: Unit, passkey: Passkey, new: Created) -> None:
    if len(kept.of(unit.session, unit.schema, passkey.user_id)) >= adding.MOST:
        raise Conflict(adding.TOO_MANY)
    challenges.spend(unit, new.challenge)
    adding.insert(unit, passkey, new.aaguid)
