"""Second factors: what a capability says about one, and which of them a person has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

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


@dataclass(frozen=True, kw_only=True)
class Factor:
    """What a capability fills in to add a way of proving oneself a second time.

    method      its word in JSON, in proofs and in `amr`; tries are counted by it
    kind        which kind of factor it shows
    label       what people call it
    ask         the sentence above the field of the code
    way         the link to it from another factor's page
    enrolled    what a person has of it, by a connection or a session; the oldest first
    checking    a check for the road, of what was typed
    forget      take all that a person has of it; says how many there were
    backup      only helps out for others: it asks nobody for a second step by itself, and goes with the last other one
    numeric     whether its codes are digits alone
    add, add_label   the endpoint that a POST adds one by, and what its button says
    rename, remove   the endpoints that take the id of one, where it can be renamed or removed alone
    """

    method: str
    kind: Kind
    label: Text
    ask: Text
    way: Text
    enrolled: Callable[[Any, Schema, Any], Sequence[Enrolled]]
    checking: Callable[[House, Secret], Callable[[Attempt], Proof]]
    forget: Callable[[Unit, Any], int]
    backup: bool = False
    numeric: bool = False
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


def is_proved(first: Proof, others: Sequence[Proof], factors: Sequence[Factor]) -> bool:
    """Whether one of these factors has been proved besides the first proof, or that counts for two by itself."""
    methods = {factor.method for factor in factors}
    return assurance_level([first]) > 1 or any(proof.method in methods for proof in others)
