"""A login under way: who it may be, what has been proved, and where it began."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from housekey.errors import InvalidCredentials
from housekey.login.proof import Proof
from housekey.store.users import UserFacts

if TYPE_CHECKING:
    from housekey.house import Unit


class Purpose(StrEnum):
    LOGIN = "login"
    STEP_UP = "step_up"
    """The same person proves again, inside a session that lives."""


REGISTERED = "registered"
"""Stands in `Attempt.done` of who has made the account a moment ago: that password was guessed by nobody."""


@dataclass(frozen=True)
class Client:
    """What the browser or program that asks has shown. Made by the web layer, the only one that sees requests."""

    address: str = ""
    network: str | None = "unknown"
    """What network limits count by; None switches them off (a proxy that the app doesn't know of)."""
    user_agent: str = ""
    family: str = ""
    session_token: str | None = field(default=None, repr=False)
    device_token: str | None = field(default=None, repr=False)
    trust_token: str | None = field(default=None, repr=False)
    boot: str = ""


@dataclass(frozen=True)
class Attempt:
    """Immutable; each step gives a new one. `user` is None for an identifier that nobody bears: such an attempt
    walks the same road, with the same work and the same answer."""

    purpose: Purpose
    client: Client
    user: UserFacts | None
    identifier: str = field(default="", repr=False)
    """As it was typed: people type passwords there."""
    proofs: tuple[Proof, ...] = ()
    done: frozenset[str] = frozenset()
    device: str | None = None
    session_id: str | None = None
    remember: bool = False
    lifetime_seconds: int | None = None
    fresh: bool = True
    target: str | None = None
    token: str | None = field(default=None, repr=False)
    rehearsal: bool = False
    """Somebody only wants to know what would be asked: no requirement may change anything."""
    locked: bool = False
    """A guard has refused this try: its check does the same work and spends nothing."""

    @property
    def subject(self) -> str:
        """What guards count by: the user, or the identifier that nobody bears."""
        return f"user:{self.user.key}" if self.user else f"name:{self.identifier}"

    def with_proof(self, proof: Proof) -> Attempt:
        """Add a proof. One of another user ends the attempt (flaw 34)."""
        if self.user is None or proof.user_id != self.user.id:
            raise InvalidCredentials()
        return replace(self, proofs=(*self.proofs, proof))

    def with_user(self, user: UserFacts | None) -> Attempt:
        """The same person, whose state has changed on the way. Another person ends the attempt (flaw 34)."""
        if self.user is None or user is None or user.id != self.user.id:
            raise InvalidCredentials()
        return replace(self, user=user)

    def with_done(self, step: str) -> Attempt:
        """Note that a required step which is no proof (accepted terms, say) has been taken."""
        return replace(self, done=self.done | {step})


@dataclass(frozen=True)
class Challenge:
    """The next thing to ask the person for. `type` is its word in JSON, `endpoint` the page that asks. `raised` is
    called with the parked attempt, in the transaction that parks it: to mail what the person is asked for, say."""

    type: str
    endpoint: str
    details: dict[str, Any] = field(default_factory=dict)
    raised: Callable[[Unit, Attempt], object] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Parked:
    """A login that waits for an answer to `challenge`; the browser holds only `token`."""

    challenge: Challenge
    token: str = field(repr=False)
    target: str | None = None


@dataclass(frozen=True)
class Trust:
    """What a browser that its owner trusts holds from now on, and for how many seconds. `instead`: it stood for the
    second step."""

    token: str = field(repr=False)
    seconds: int
    instead: bool = False


@dataclass(frozen=True)
class Complete:
    """A session is open. `token` and `device_token` are the browser's; nobody else ever sees them."""

    session_id: str
    user: UserFacts
    token: str = field(repr=False)
    device_token: str = field(repr=False)
    remember: bool
    max_age: int
    """Seconds that the cookies may live at most."""
    purpose: Purpose
    target: str | None = None
    trust: Trust | None = field(default=None, repr=False)


Outcome = Complete | Parked
