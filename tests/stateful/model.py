"""Who must be logged in in which browser, and how freshly: the rules of the design, in plain Python.

sessions   every session that was ever opened, with the browser that holds its token (None: lost, or stolen)
people     who is registered, with which password, and whether the account is disabled
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
IDLE, ABSOLUTE = timedelta(hours=8), 7 * DAY
REMEMBERED_IDLE, REMEMBERED_ABSOLUTE = 14 * DAY, 30 * DAY
FRESH = 15 * MINUTE


@dataclass(eq=False)
class Session:
    """One that was opened; `token` is the newest, which its browser holds."""

    email: str
    holder: int | None
    token: str
    remember: bool
    opened: datetime
    proved: datetime
    seen: datetime
    ended: bool = False

    def is_live(self, now: datetime) -> bool:
        idle, absolute = (REMEMBERED_IDLE, REMEMBERED_ABSOLUTE) if self.remember else (IDLE, ABSOLUTE)
        return not self.ended and now < self.opened + absolute and now - self.seen < idle

    def is_fresh(self, now: datetime) -> bool:
        return now - self.proved < FRESH

    def touch(self, now: datetime) -> None:
        """A request has shown the token."""
        if now - self.seen >= MINUTE:
            self.seen = now


@dataclass
class Person:
    password: str
    disabled: bool = False


@dataclass
class Model:
    people: dict[str, Person] = field(default_factory=dict)
    sessions: list[Session] = field(default_factory=list)
    dead: list[str] = field(default_factory=list)
    """Tokens that opened something once and must never do so again."""

    def here(self, browser: int, now: datetime) -> Session | None:
        """The live session in a browser."""
        return next((s for s in self.sessions if s.holder == browser and s.is_live(now)), None)

    def live(self, email: str, now: datetime) -> list[Session]:
        return [session for session in self.sessions if session.email == email and session.is_live(now)]

    def may_log_in(self, email: str, password: str) -> bool:
        person = self.people.get(email)
        return person is not None and not person.disabled and person.password == password

    def open(self, browser: int, email: str, token: str, now: datetime, *, remember: bool = False) -> None:
        """Whoever was logged in in this browser, is no more."""
        self.leave(browser)
        self.sessions.append(Session(email, browser, token, remember, now, now, now))

    def leave(self, browser: int) -> None:
        """The session in this browser ends."""
        for session in self.sessions:
            if session.holder == browser:
                self.end(session)

    def end(self, session: Session) -> None:
        session.ended, session.holder = True, None
        self.dead.append(session.token)

    def end_all(self, email: str, keep: Session | None = None) -> None:
        for session in self.sessions:
            if session.email == email and session is not keep and not session.ended:
                self.end(session)

    def renew(self, session: Session, token: str, now: datetime) -> None:
        """Proved again: another token, and fresh."""
        self.dead.append(session.token)
        session.token, session.proved, session.seen = token, now, now

    def lose(self, browser: int) -> None:
        """The browser forgets its cookies; the session goes on without it."""
        for session in self.sessions:
            if session.holder == browser:
                session.holder = None
