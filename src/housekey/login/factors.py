"""Second factors: what a capability says about one, and which of them a person has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from housekey.kernel.secret import Secret
from housekey.kernel.texts import Text
from housekey.login.proof import Kind, Proof, assurance_level

if TYPE_CHECKING:
    from housekey.house import House, Unit
    from housekey.login.attempt import Attempt
    from housekey.store.schema import Schema


@dataclass(frozen=True, kw_only=True)
class Enrolled:
    """One authenticator of a person's: an app on a phone, or a set of codes. `left`: how many codes still work."""

    id: str
    method: str
    name: str
    created_at: datetime
    last_used_at: datetime | None = None
    left: int | None = None
    synced: bool | None = None
    """Of a passkey: whether it is on the person's other devices too."""
    verifies: bool = False
    """Whether it has asked for a PIN, a finger or a face, so that it shows two kinds of factor by itself."""


@dataclass(frozen=True)
class Given:
    """What a person has given to prove a factor: a code that was typed, or what an authenticator has signed. `only`:
    the ids of those that may prove it, where not all of the person's may."""

    code: Secret | None = None
    credential: Mapping[str, Any] | None = field(default=None, repr=False)
    only: frozenset[str] | None = None

    def may_be_by(self, factor_id: str) -> bool:
        """Whether this one of the person's may prove it."""
        return self.only is None or factor_id in self.only


class FirstCode(Protocol):
    """The check of the first code of a factor that is set up inside a login."""

    def __call__(self, attempt: Attempt) -> Proof: ...

    def enrol(self, unit: Unit, attempt: Attempt, name: str) -> Sequence[str] | None:
        """Write the factor whose code was right; answers the recovery codes that come with it, if any do."""


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """How somebody on the way in sets up what the login lacks.

    begin      called with the parked attempt, in the transaction that parks it
    shown      what the person needs for it: by its names in JSON, and what `template` is rendered with
    template   the page, which sends `method` and `code` or `credential`, and perhaps `name`
    way        the link to it from another one's page
    first_code   a check for the road, of what was given; what needs no counting it may refuse at once
    wrong      what whoever gives a wrong one is told; default: a sentence about codes
    """

    begin: Callable[[Unit, Attempt], object]
    shown: Callable[[House, Attempt], Mapping[str, Any]]
    template: str
    way: Text
    first_code: Callable[[House, Attempt, Given], FirstCode]
    wrong: Text | None = None


def _everywhere(house: House) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Factor:
    """What a capability fills in to add a way of proving oneself a second time.

    method      its word in JSON, in proofs and in `amr`; tries are counted by it
    kind        which kind of factor it shows
    label       what people call it
    ask         the sentence above the field of the code
    way         the link to it from another factor's page
    enrolled    what a person has of it, by a connection or a session; the oldest first
    checking    a check for the road, of what was given: a code, unless `by_credential`
    by_credential    whether an authenticator signs for it in the browser, so that nothing is typed
    tells_apart whether its check asks `Given.may_be_by`; without that it proves nothing about the time before a thief
                added one
    forget      take all that a person has of it; says how many there were
    take        take one of a person's, by its id; without it, one that a thief has added stays after “This wasn't me”
    kept_in     the nouns of the tables of its rows; without them, one that a thief has removed can't come back
    backup      only helps out for others: it asks nobody for a second step by itself, and goes with the last other one
    enrolment   how it is set up inside a login by somebody who owes it; without it, only inside a session
    numeric     whether its codes are digits alone
    secret      whether what is typed is a password
    wrong       what whoever gives a wrong one is told; default: a sentence about codes
    options     of a credential: the call that says what to ask the browser with
    signals     the call that says what authenticators should know of this person
    register    the page on which one makes an account with it, and without a password
    is_offered  whether this site lets people add and use one
    add, add_label   the endpoint that a POST adds one by, and what its button says
    rename, remove   the endpoints that take the id of one, where it can be renamed or removed alone
    """

    method: str
    kind: Kind
    label: Text
    ask: Text
    way: Text
    enrolled: Callable[[Any, Schema, Any], Sequence[Enrolled]]
    checking: Callable[[House, Given], Callable[[Attempt], Proof]]
    forget: Callable[[Unit, Any], int]
    take: Callable[[Unit, Any, str], int] | None = None
    tells_apart: bool = False
    kept_in: tuple[str, ...] = ()
    enrolment: Enrolment | None = None
    backup: bool = False
    by_credential: bool = False
    numeric: bool = False
    secret: bool = False
    wrong: Text | None = None
    options: str | None = None
    signals: str | None = None
    register: str | None = None
    is_offered: Callable[[House], bool] = _everywhere
    add: str | None = None
    add_label: Text | None = None
    rename: str | None = None
    remove: str | None = None


def enrolled(house: House, source: Any, user_id: Any) -> list[Enrolled]:
    """Everything that a person can prove oneself by a second time, the strongest first; nothing where only backups are
    left. `source` is a connection or a session."""
    schema = house.store.schema
    own = [one for factor in house.factors if not factor.backup for one in factor.enrolled(source, schema, user_id)]
    if not own:
        return []
    return own + [one for factor in house.factors if factor.backup for one in factor.enrolled(source, schema, user_id)]


def reachable_level(house: House, user_id: Any) -> int:
    """The AAL that a person's own proofs can reach."""
    with house.read() as connection:
        return reach(house, connection, user_id)


def reach(house: House, source: Any, user_id: Any) -> int:
    """The same, by a connection or a session. Keys that ask for nothing are possession, and so is an app beside them:
    without a password, or a code that is mailed, they are one factor however many there are, and more can't be asked of
    their owner. Without such a key something else has opened the session before the app: a host's word."""
    mine = enrolled(house, source, user_id)
    if not mine:
        return 1
    by_key = [one for one in mine if one.synced is not None]
    alone = bool(by_key) and not any(one.verifies for one in by_key)
    return 1 if alone and not house.opens_by_mail() and not firsts(house, source, user_id) else 2


def working(house: House, mine: Sequence[Enrolled]) -> list[Enrolled]:
    """Those that are taken on this site now; backups don't count."""
    taken = {factor.method for factor in house.factors if not factor.backup and factor.is_offered(house)}
    return [one for one in mine if one.method in taken]


def firsts(house: House, source: Any, user_id: Any) -> list[Factor]:
    """The ways in of a person's that are usually shown first, and do as well after a key."""
    return [factor for factor in house.first_factors if factor.enrolled(source, house.store.schema, user_id)]


def has_any(house: House, user_id: Any) -> bool:
    """Whether a person has a second factor."""
    with house.read() as connection:
        return bool(enrolled(house, connection, user_id))


def usable(house: House, first: Proof, mine: Sequence[Enrolled]) -> list[Factor]:
    """Those of a person's factors that add something to the first proof, in the order in which they are asked for.

    One of its own kind does where the first proof was by no factor at all: a password, a host's word, a mailed link.
    """
    have, channel = {one.method for one in mine}, first.channel or first.method
    by_factor = first.method in {factor.method for factor in house.factors}
    return [
        factor
        for factor in house.factors
        if factor.method in have
        and factor.method != channel  # one channel is one factor, whatever it carries (flaw 37)
        and not (by_factor and factor.kind == first.kind)
    ]


def is_by_key_alone(house: House, first: Proof) -> bool:
    """Whether the first proof is a factor's own that shows possession alone: of a key that didn't verify its holder."""
    return first.kind is Kind.POSSESSION and first.method in {factor.method for factor in house.factors}


def is_proved(first: Proof, others: Sequence[Proof], factors: Sequence[Factor]) -> bool:
    """Whether one of these factors has been proved besides the first proof, or one that counts for two by itself."""
    methods = {factor.method for factor in factors}
    verified = any(assurance_level([proof]) > 1 for proof in (first, *others))
    return verified or any(proof.method in methods for proof in others)
