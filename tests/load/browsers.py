"""Browsers that register, log in, log out and end each other's sessions, as fast as the server answers, and compare
every answer with the ledger."""

from __future__ import annotations

import http.client
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from threading import Lock
from typing import Any

from load.ledger import DEAD, LIVE, Ending, Held, Ledger

PASSWORD = "correct horse battery staple"
PEOPLE = [f"person{number}@example.test" for number in range(12)]
API = "/account/api/"
BUSY = 503
TIMEOUT_S = 60


@dataclass
class Report:
    """What happened."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    wrongs: list[str] = field(default_factory=list)
    """Every answer that must not have been."""
    _lock: Lock = field(default_factory=Lock, repr=False)

    def note(self, status: int, seconds: float) -> None:
        with self._lock:
            self.statuses[status] += 1
            self.latencies.append(seconds)

    def wrong(self, text: str) -> None:
        with self._lock:
            self.wrongs.append(text)

    def percentile(self, part: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0

    def __str__(self) -> str:
        return (
            f"{len(self.latencies)} requests in {self.seconds:.0f} s ({len(self.latencies) / self.seconds:.0f}/s), "
            f"p50 {self.percentile(0.5):.0f} ms, p99 {self.percentile(0.99):.0f} ms, "
            f"max {self.percentile(1):.0f} ms, statuses {dict(sorted(self.statuses.items()))}, "
            f"actions {dict(self.actions)}, {len(self.wrongs)} wrong answers"
        )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str
    cookies: dict[str, str]

    def json(self) -> Any:
        return json.loads(self.text)


class Line:
    """A keep-alive connection to the server."""

    def __init__(self, port: int, report: Report) -> None:
        self._port, self._report = port, report
        self._connection: http.client.HTTPConnection | None = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def send(self, method: str, path: str, body: Any, cookies: Mapping[str, str], address: str) -> Answer:
        headers = {"X-Forwarded-For": address, "Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())}
        text = None if body is None else json.dumps(body)
        if text is not None:
            headers["Content-Type"] = "application/json"
        began = time.monotonic()
        answer = self._try(method, path, text, headers)
        self._report.note(answer.status, time.monotonic() - began)
        if answer.status >= 500 and answer.status != BUSY:
            self._report.wrong(f"{method} {path} answered {answer.status}")
        return answer

    def _try(self, method: str, path: str, text: str | None, headers: dict[str, str]) -> Answer:
        for again in (True, False):
            if self._connection is None:
                self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_S)
            try:
                self._connection.request(method, path, text, headers)
                return self._read(self._connection.getresponse())
            except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
                # gunicorn closes an idle connection in the moment in which we use it.
                self._connection.close()
                self._connection = None
                if not again:
                    raise
        raise AssertionError("unreachable")

    def _read(self, response: http.client.HTTPResponse) -> Answer:
        text = response.read().decode()
        cookies: dict[str, str] = {}
        for line in response.headers.get_all("Set-Cookie", []):
            cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return Answer(response.status, dict(response.headers), text, cookies)


class Browser:
    """One visitor with a cookie jar, and one wish after the other."""

    def __init__(self, number: int, port: int, cookie: str, ledger: Ledger, report: Report) -> None:
        """`cookie`: the name of the session cookie."""
        self.random = random.Random(number)
        self.number, self.cookie, self.ledger, self.report = number, cookie, ledger, report
        self.line = Line(port, report)
        self.cookies: dict[str, str] = {}
        self.held: Held | None = None
        self.made = 0

    def live_until(self, end: float) -> None:
        while time.monotonic() < end:
            act = self._wish()
            self.report.actions[act.__name__] += 1
            act()

    def _wish(self) -> Callable[[], None]:
        if self.held is None:
            return self.random.choices([self.log_in, self.register, self.try_a_dead_token], [8, 2, 1])[0]
        wishes = {
            self.look: 8, self.try_a_dead_token: 4, self.log_out: 3, self.end_one: 3, self.end_others: 1,
            self.prove_again: 2, self.log_in: 2, self.register: 1,
        }  # fmt: skip
        return self.random.choices(list(wishes), list(wishes.values()))[0]

    def send(self, method: str, path: str, body: Any = None) -> Answer:
        answer = self.line.send(method, path, body, self.cookies, self._address())
        for name, value in answer.cookies.items():
            self.cookies[name] = value
            if not value:
                del self.cookies[name]
        return answer

    def _address(self) -> str:
        """From everywhere, so that no limit of a network ends the show."""
        return ".".join(str(self.random.randint(11, 223)) for _ in range(4))

    # What browsers do

    def register(self) -> None:
        self.made += 1
        self._open("register", f"new{self.number}x{self.made}@example.test", 201)

    def log_in(self) -> None:
        self._open("login", self.random.choice(PEOPLE), 200)

    def _open(self, path: str, email: str, wanted: int) -> None:
        """Logging in ends whatever session was here before."""
        former, began = self.held, time.monotonic()
        name = "email" if path == "register" else "identifier"
        if former is not None:
            self.ledger.doubt(former)
        answer = self.send("POST", API + path, {name: email, "password": PASSWORD})
        if answer.status == wanted:
            self._now_holds(answer, email, began)
            if path == "register":
                self.ledger.registered.append(email)
            if former is not None:
                self.ledger.dead(former)
        elif answer.status not in (BUSY, 401):
            self.report.wrong(f"{path} answered {answer.status}: {answer.text[:200]}")
        elif answer.status == 401 and answer.json()["code"] != "not_logged_in":
            self.report.wrong(f"{path} refused the right password: {answer.text[:200]}")
        else:
            self.held = None

    def _now_holds(self, answer: Answer, email: str, began: float) -> None:
        self.held = self.ledger.opened(answer.cookies[self.cookie], email, answer.json()["session"]["id"], began)

    def look(self) -> None:
        """A page behind login; a session of which nobody has ended anything must open it."""
        held = self._mine()
        path = self.random.choice(["/private", API + "sessions", API + "me"])
        self._judge(held, self.send("GET", path))

    def _judge(self, held: Held, answer: Answer) -> None:
        if answer.status == BUSY:
            return
        if answer.status in (401, 302):
            if held.state == LIVE:
                self.report.wrong(f"a session that nobody has ended was refused: {answer.text[:200]}")
            self.held = None

    def log_out(self) -> None:
        held = self._mine()
        with self.ledger.ending(Ending(held.email, held.session_id)) as ending:
            ending.confirmed = self.send("POST", API + "logout").status == 204
        self.held = None

    def end_one(self) -> None:
        """One of one's own sessions, wherever it is; often it is another browser's, which is using it just now."""
        held = self._mine()
        listed = self.send("GET", API + "sessions")
        if listed.status != 200:
            self._judge(held, listed)
            return
        others = [session["id"] for session in listed.json()["sessions"] if not session["current"]]
        if others:
            wanted = self.random.choice(others)
            with self.ledger.ending(Ending(held.email, wanted)) as ending:
                answer = self.send("DELETE", API + "sessions/" + wanted)
                ending.confirmed = answer.status in (204, 404)
            self._judge(held, answer)

    def end_others(self) -> None:
        held = self._mine()
        with self.ledger.ending(Ending(held.email, None, keep=held.session_id), but=held) as ending:
            answer = self.send("DELETE", API + "sessions")
            ending.confirmed = answer.status == 204
        self._judge(held, answer)

    def prove_again(self) -> None:
        held, began = self._mine(), time.monotonic()
        self.ledger.doubt(held)
        answer = self.send("POST", API + "reauthenticate", {"password": PASSWORD})
        self.held = None
        if answer.status == 200:
            self._now_holds(answer, held.email, began)
            self.ledger.dead(held)

    def try_a_dead_token(self) -> None:
        dead = [held for held in self.ledger.tokens[-400:] if held.state == DEAD]
        if dead:
            self.probe(self.random.choice(dead))

    def probe(self, held: Held) -> None:
        """Whether the server answers as the ledger says."""
        answer = self.line.send("GET", "/private", None, {self.cookie: held.value}, self._address())
        if held.state == DEAD and answer.status == 200:
            self.report.wrong("a dead session answered 200")
        if held.state == LIVE and answer.status not in (200, BUSY):
            self.report.wrong("a session that nobody has ended was refused")

    def _mine(self) -> Held:
        assert self.held is not None
        return self.held
