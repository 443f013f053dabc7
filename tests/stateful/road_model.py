"""Who is asked for what, and who gets in: the rules of the login road, in plain Python, written down from the design
and not from the code. What it speaks of stands in `road_parts`."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from stateful.road_parts import (
    ATTEMPT_LIVES,
    BOTH,
    CODE_TRIES,
    FRESH,
    KINDS,
    MAILED,
    SECONDS,
    SET_UP,
    UNKNOWN,
    Asks,
    Attempt,
    Browser,
    Count,
    Person,
    Proved,
    Session,
)

IN, ASKED, REFUSED = "in", "asked", "refused"


class Road:
    """Every verb says what becomes of it: IN, ASKED or REFUSED."""

    def __init__(self, now: datetime, browsers: int, people: list[Person]) -> None:
        self.now, self.required = now, False
        self.people = {person.email: person for person in people}
        self.browsers = [Browser() for _ in range(browsers)]
        self.sessions: list[Session] = []
        self.counts: dict[tuple[str, str, Any], Count] = {}
        self._numbers = count(1)

    # What is asked

    def asks(self, attempt: Attempt) -> Asks | None:
        """What this login waits for; None: for nothing any more."""
        person, (first, *others) = attempt.person, attempt.proofs
        if not person.has_factor:
            return self._owes(attempt) if self.required and attempt.session is None else None
        if attempt.session is not None:
            others += [proof for proof in attempt.session.proofs if self.now - proof.at < FRESH]
        wanted = ["pwd"] if first.method == "passkey" else SECONDS
        if any(proof.kind == BOTH for proof in (first, *others)) or any(proof.method in wanted for proof in others):
            return None
        return Asks("second_factor", tuple(method for method in wanted if method in ("pwd", *person.seconds)))

    def _owes(self, attempt: Attempt) -> Asks:
        if "email" not in {proof.method for proof in attempt.proofs}:
            return MAILED
        return SET_UP

    def under_way(self, browser: Browser) -> Attempt | None:
        """The login that this browser's cookie still stands for."""
        attempt = browser.attempt
        if attempt is None or attempt.dead or attempt.ends is None or self.now >= attempt.ends:
            return None
        ended = attempt.session is not None and attempt.session.ended
        return None if ended or attempt.version != attempt.person.version else attempt

    def waits_for(self, browser: Browser) -> Asks | None:
        """What this browser is told when it asks."""
        attempt = self.under_way(browser)
        asks = self.asks(attempt) if attempt is not None else None
        if asks == SET_UP and attempt is not None and attempt is not attempt.person.begun:
            return None  # another login of the same person has begun a seed since
        return asks

    # The first step

    def by_password(self, browser: Browser, person: Person, password: str) -> str:
        if not self._try(browser.known_as.get(person.email, UNKNOWN), person, "pwd", password == person.password):
            return REFUSED
        return self._begin(browser, person, "pwd")

    def by_mail(self, browser: Browser, person: Person) -> str:
        return self._begin(browser, person, "email")

    def by_key(self, browser: Browser, person: Person) -> str:
        if person.key is None:  # nobody has it here
            return REFUSED
        if not self._try(browser.known_as.get(person.email, UNKNOWN), person, "passkey", True):
            return REFUSED
        return self._begin(browser, person, "passkey")

    def _begin(self, browser: Browser, person: Person, method: str) -> str:
        if person.disabled:
            return REFUSED
        return self._advance(browser, Attempt(person, (self._proof(person, method),), person.version))

    # The steps after it

    def answer(self, browser: Browser, method: str, shown: Any) -> str:
        """`shown`: a `Code`, the text of a code or a password, or for a key its owner."""
        attempt = self.under_way(browser)
        asks = self.asks(attempt) if attempt is not None else None
        if attempt is None or asks is None or method not in asks.methods:
            return REFUSED
        person, owed = attempt.person, asks.type == "enrol_factor"
        right = self._is_first(attempt, method, shown) if owed else self._is_right(person, method, shown)
        pool = attempt.session or browser.known_as.get(person.email, UNKNOWN)
        if not self._try(pool, person, method, right):
            return REFUSED
        if owed and method != "email":
            self.add_factor(person, method, shown, keep=None, browser=browser)
        elif method == "otp":
            person.last_step = shown.step
        elif method == "recovery_code":
            person.codes.discard(shown)
        proofs = (*attempt.proofs, self._proof(person, method))
        attempt.dead = True
        return self._advance(browser, replace(attempt, proofs=proofs, version=person.version))

    def _is_right(self, person: Person, method: str, shown: Any) -> bool:
        if method == "otp":
            return shown.owner == person.email and abs(shown.step - self.step) <= 1 and shown.step > person.last_step
        if method == "recovery_code":
            return shown in person.codes
        return bool(shown == (person.email if method == "passkey" else person.password))

    def _is_first(self, attempt: Attempt, method: str, shown: Any) -> bool:
        """What a factor is set up by, or the mailed code before it."""
        if method == "email":
            attempt.mailed_tries += 1
            return attempt.mailed_tries <= CODE_TRIES and shown == attempt.mailed
        if method == "otp":
            return attempt is attempt.person.begun and shown.owner == "new" and abs(shown.step - self.step) <= 1
        return True

    @property
    def step(self) -> int:
        return int(self.now.timestamp()) // 30

    def _proof(self, person: Person, method: str) -> Proved:
        kind = person.key if method == "passkey" and person.key else KINDS[method]
        return Proved(method, kind, self.now)

    def _try(self, pool: Any, person: Person, method: str, right: bool) -> bool:
        """Counted before it is looked at; whoever is locked out is refused whatever is shown."""
        return self.counts.setdefault((person.email, method, pool), Count()).charge(self.now) and right

    def _advance(self, browser: Browser, attempt: Attempt) -> str:
        asks = self.asks(attempt)
        if asks is None:
            self._opens(browser, attempt)
            return IN
        browser.attempt = waits = replace(attempt, ends=self.now + ATTEMPT_LIVES, dead=False, mailed="", mailed_tries=0)
        if attempt.session is None:
            self.leave(browser)
        if asks == SET_UP:
            attempt.person.begun = waits
        return ASKED

    def _opens(self, browser: Browser, attempt: Attempt) -> None:
        person, email = attempt.person, attempt.person.email
        browser.attempt = None
        pool = attempt.session or browser.known_as.get(email, UNKNOWN)
        for proof in attempt.proofs:
            self.counts.pop((email, proof.method, pool), None)
        browser.known_as.setdefault(email, next(self._numbers))
        if attempt.session is not None:
            self._renew(browser, attempt.session, attempt.proofs)
            return
        self.leave(browser)
        self.sessions.append(Session(person, browser, attempt.proofs, self.now, self.now, self.now))

    def _renew(self, browser: Browser, session: Session, proofs: tuple[Proved, ...]) -> None:
        """The browser that has proved holds it from now on; what it held before goes on without it."""
        for other in self.sessions:
            if other.holder is browser:
                other.holder = None
        again = {proof.method for proof in proofs}
        session.proofs = (*(proof for proof in session.proofs if proof.method not in again), *proofs)
        session.holder, session.proved, session.seen, session.rested = browser, self.now, self.now, False

    # Inside a session

    def here(self, browser: Browser) -> Session | None:
        return next((s for s in self.sessions if s.holder is browser and s.is_live(self.now)), None)

    def confirm(self, browser: Browser, password: str, new: str | None = None) -> str:
        """The password once more, to be fresh or to replace it."""
        session = self.here(browser)
        if session is None or password == new:
            return REFUSED
        person = session.person
        if not self._try(session, person, "pwd", password == person.password):
            return REFUSED
        known = browser.known_as.get(person.email)
        became = self._advance(browser, Attempt(person, (self._proof(person, "pwd"),), person.version, session))
        if became is IN and new is not None:
            self.new_password(person, new, keep=session)
            if known is not None:
                browser.known_as[person.email] = known
        return became

    def add_factor(self, person: Person, method: str, shown: Any, *, keep: Session | None, browser: Browser) -> None:
        """The first one ends what was opened without it."""
        known = browser.known_as.get(person.email)
        if not person.has_factor:
            self.end_all(person, keep=keep, forget=True)
            if known is not None:
                browser.known_as[person.email] = known
        else:
            person.version += 1
        if method == "otp":
            person.last_step, person.begun = shown.step, None
        else:
            person.key = shown

    # What ends things

    def start_over(self, browser: Browser) -> None:
        if browser.attempt is not None:
            browser.attempt.dead = True
        browser.attempt = None

    def leave(self, browser: Browser) -> None:
        for session in self.sessions:
            if session.holder is browser:
                session.ended, session.holder = True, None

    def new_password(self, person: Person, password: str, *, keep: Session | None = None) -> None:
        """Begins with a clean count of its own, and of nothing else."""
        person.password = password
        self.end_all(person, keep=keep, forget=True)
        for key in [key for key in self.counts if key[:2] == (person.email, "pwd")]:
            del self.counts[key]

    def reset_factors(self, person: Person) -> None:
        person.last_step = person.key = person.begun = None
        person.codes = set()
        self.end_all(person, forget=True)

    def end_all(self, person: Person, *, keep: Session | None = None, forget: bool = False) -> None:
        person.version += 1
        for session in self.sessions:
            if session.person is person and session is not keep:
                session.ended, session.holder = True, None
        for browser in self.browsers:
            if forget:
                browser.known_as.pop(person.email, None)

    def lose_cookies(self, browser: Browser) -> None:
        browser.attempt = None
        browser.known_as.clear()
        for session in self.sessions:
            if session.holder is browser:
                session.holder = None
