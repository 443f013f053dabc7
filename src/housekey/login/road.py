"""The road as data: for the diagram in the docs, and for the test that walks every state of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from housekey.login.requirements import every

if TYPE_CHECKING:
    from housekey.house import House


@dataclass(frozen=True)
class Step:
    """A requirement, in its place: what it says, and the challenges that it may ask for."""

    name: str
    doc: str
    challenges: tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """A factor: by which method, of which kind, and whether it only helps out for others."""

    method: str
    kind: str
    backup: bool
    first: bool


@dataclass(frozen=True)
class Move:
    """From one state of an attempt to the next."""

    start: str
    by: str
    end: str


STATES = {
    "begun": "somebody has said who they are; nothing is proved, and nothing is kept",
    "proved": "the attempt holds proofs; the requirements are asked in their order",
    "parked": "it waits on the server for the answer to a challenge; the browser holds only its token",
    "open": "every requirement holds: a session is open",
    "over": "refused, expired, started over, or ended with the account's state: nothing leads on from here",
}
MOVES = (
    Move("begun", "a right proof", "proved"),
    Move("begun", "a wrong one", "over"),
    Move("proved", "a requirement asks for more", "parked"),
    Move("proved", "a requirement refuses", "over"),
    Move("proved", "all requirements hold, and the account is unchanged", "open"),
    Move("parked", "a right answer", "proved"),
    Move("parked", "a wrong answer", "parked"),
    Move("parked", "time, a new beginning, a logout, a change of the account, another user's proof", "over"),
)


@dataclass(frozen=True)
class Road:
    """All of it, in one app."""

    states: dict[str, str]
    moves: tuple[Move, ...]
    steps: tuple[Step, ...]
    ways: tuple[Way, ...]


def road(house: House) -> Road:
    """The road of this app: a requirement or factor that a host adds joins by its record."""
    steps = tuple(
        Step(each.name, (type(each).__doc__ or "").strip(), tuple(getattr(each, "challenges", ())))
        for each in every(house)
    )
    firsts = {factor.method for factor in house.first_factors}
    factors = [*house.first_factors, *house.factors]
    ways = tuple(Way(each.method, each.kind.value, each.backup, each.method in firsts) for each in factors)
    return Road(STATES, MOVES, steps, ways)
