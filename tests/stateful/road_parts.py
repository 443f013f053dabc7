"""What the model of the login road speaks of.

Browser    what its cookies hold: a login under way, and the accounts that know it; a session knows its browser
Attempt    a login under way, or a step-up: whose, with which proofs, begun under which version of the account
Person     what can be proved by whom; `version` rises with every change that ends what was begun before
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ATTEMPT_LIVES, FRESH, LOCKED_FOR = 10 * MINUTE, 15 * MINUTE, 15 * MINUTE
IDLE, ABSOLUTE = 8 * HOUR, 7 * DAY
AAL2_IDLE, AAL2_FOR = HOUR, DAY
LOCK_AFTER, CODE_TRIES = 3, 10
UNKNOWN = "unknown"
KNOWS, HAS, BOTH = "knows", "has", "both"
KINDS = {"pwd": KNOWS, "email": KNOWS, "otp": HAS, "recovery_code": HAS, "passkey": HAS}
SECONDS = ["passkey", "otp", "recovery_code"]
"""The strongest first."""


class Proved(NamedTuple):
    method: str
    kind: str
    at: datetime


class Code(NamedTuple):
    """What somebody's phone shows at a time step."""

    owner: str
    step: int


class Asks(NamedTuple):
    """What a login waits for."""

    type: str
    methods: tuple[str, ...]


MAILED, SET_UP = Asks("enrol_factor", ("email",)), Asks("enrol_factor", ("passkey", "otp"))
"""The two steps of whoever owes a second factor."""


@dataclass(eq=False)
class Person:
    email: str
    password: str
    last_step: int | None = None
    """Of the phone: the step of the code that was used last; None without a phone."""
    codes: set[str] = field(default_factory=set)
    key: str | None = None
    """What a passkey shows: HAS, BOTH, or None without one."""
    disabled: bool = False
    version: int = 0
    begun: Attempt | None = None
    """The login that has read the seed of the phone that is being set up."""

    @property
    def seconds(self) -> list[str]:
        has = {"passkey": self.key is not None, "otp": self.last_step is not None, "recovery_code": bool(self.codes)}
        return [method for method in SECONDS if has[method]]

    @property
    def has_factor(self) -> bool:
        return self.key is not None or self.last_step is not None


@dataclass(eq=False)
class Session:
    person: Person
    holder: Browser | None
    proofs: tuple[Proved, ...]
    opened: datetime
    proved: datetime
    seen: datetime
    rested: bool = False
    ended: bool = False
    token: str = ""

    def is_live(self, now: datetime) -> bool:
        return not self.ended and now < self.opened + ABSOLUTE and now - self.seen < IDLE

    def level(self, now: datetime) -> int:
        kinds = {proof.kind for proof in self.proofs}
        two = BOTH in kinds or len(kinds) > 1
        over = self.rested or now - self.seen > AAL2_IDLE or now - self.proved > AAL2_FOR
        return 2 if two and not over else 1

    def touch(self, now: datetime) -> None:
        if now - self.seen >= MINUTE:
            self.rested = self.rested or now - self.seen > AAL2_IDLE
            self.seen = now


@dataclass(eq=False)
class Attempt:
    """`session`: of a step-up, the one that it renews. `mailed`: the code that was mailed for it."""

    person: Person
    proofs: tuple[Proved, ...]
    version: int
    session: Session | None = None
    ends: datetime | None = None
    dead: bool = False
    mailed: str = ""
    mailed_tries: int = 0


@dataclass(eq=False)
class Browser:
    attempt: Attempt | None = None
    known_as: dict[str, int] = field(default_factory=dict)
    """By which number an account knows this browser."""


@dataclass
class Count:
    """Failures, or tries that no session has followed yet."""

    failures: int = 0
    until: datetime | None = None
    last: datetime | None = None

    def charge(self, now: datetime) -> bool:
        """Whether the try counts; else it is locked out."""
        if self.until is not None and now < self.until:
            return False
        quiet = self.last is None or now - self.last > DAY
        self.failures, self.last = 1 if quiet else self.failures + 1, now
        times, rest = divmod(self.failures, LOCK_AFTER)
        self.until = None if rest else now + min(LOCKED_FOR * 2 ** (times - 1), DAY)
        return True
