"""The real side of the road: an app, browsers, phones and keys, and how they are compared with the model."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant

from attacks.faces import ANN, BOB, token
from housekey import current_identity
from housekey.kernel import clock
from housekey.testing.mailbox import Mailbox
from rig.apps import small_app
from rig.authenticators import API, Authenticator
from rig.engines import engines_closed
from rig.mailed import CODE
from rig.owing import SETTING, asked_for
from rig.people import house_of
from rig.phones import Phone
from stateful.deeds import deed
from stateful.road_model import ASKED, IN, REFUSED, Road
from stateful.road_parts import CODE_TRIES, IDLE, LOCK_AFTER, MAILED, Asks, Browser, Person

PASSWORDS = ["correct horse battery staple", "another long passphrase", "yet another long one"]
STEPS = [timedelta(seconds=30), timedelta(minutes=9, seconds=59), timedelta(minutes=10), timedelta(minutes=15)]
STEPS += [timedelta(minutes=31), timedelta(minutes=61), timedelta(hours=8), timedelta(hours=25)]
SETTINGS = {
    "SECRET_KEY": "the same key before and after a restart",
    "HOUSEKEY_THROTTLING_LOCK_AFTER": LOCK_AFTER,
    "HOUSEKEY_THROTTLING_NETWORK_TRIES": 1_000_000,
    "HOUSEKEY_THROTTLING_NETWORK_REQUESTS": 1_000_000,
    "HOUSEKEY_STUFFING_REFUSALS_PER_MINUTE": 0,
    "HOUSEKEY_MAILED_LOGIN_OPEN": True,
    "HOUSEKEY_LINKS_PAUSE": 0,
    "HOUSEKEY_LINKS_AT_MOST": 1_000,
    "HOUSEKEY_LINKS_CODE_TRIES": CODE_TRIES,
    "HOUSEKEY_MAIL_BUDGET": 1_000,
}
BEGINS = datetime(2026, 3, 1, tzinfo=UTC)

browsers = st.integers(0, 2)


class RoadWorld(RuleBasedStateMachine):
    """The app, three browsers, what people hold in their hands, and the model; after each step all is compared."""

    template: Path
    road: Road

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self._engines, self._clock = engines_closed(), clock.stopped(BEGINS)
        self._engines.__enter__()
        self.time = self._clock.__enter__()
        shutil.copyfile(self.template, self.folder / "db.sqlite")
        self.phones: dict[str, Phone] = {}
        self.keys: dict[str, Authenticator] = {}
        self.codes: dict[str, list[str]] = {ANN: [], BOB: []}

    def teardown(self) -> None:
        self._clock.__exit__(None, None, None)
        self._engines.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    # The world

    def a_second_passes(self) -> None:
        self._forward(timedelta(seconds=1))

    def _forward(self, step: timedelta) -> None:
        self.time.forward(step)
        self.road.now = clock.now()

    def _serve(self) -> None:
        rule = {SETTING: "everybody" if self.road.required else "nobody"}
        self.app = small_app(f"sqlite:///{self.folder / 'db.sqlite'}", **SETTINGS, **rule)

        @self.app.get("/level")
        def level() -> dict[str, Any]:
            return {"who": current_identity.user_id, "level": current_identity.aal} if current_identity else {}

    @deed(1)
    def restart(self) -> None:
        before = self.clients
        self._serve()
        self.clients = [self.app.test_client() for _ in before]
        for old, new in zip(before, self.clients, strict=True):
            new._cookies = old._cookies

    @deed(4, step=st.sampled_from(STEPS))
    def time_passes(self, step: timedelta) -> None:
        self._forward(step)

    @deed(2, required=st.booleans())
    def the_rule(self, required: bool) -> None:
        """Whether everybody must have a second factor, from now on."""
        self.road.required = required
        asked_for(self.app, **{SETTING: "everybody" if required else "nobody"})

    @deed(1, browser=browsers)
    def cookies_are_lost(self, browser: int) -> None:
        self.clients[browser] = self.app.test_client()
        self.road.lose_cookies(self.road.browsers[browser])

    @deed(3, browser=browsers, thief=browsers)
    def the_waiting_login_is_copied(self, browser: int, thief: int) -> None:
        cookie = self.clients[browser].get_cookie(self._attempt)
        if cookie is not None:
            self.clients[thief].set_cookie(self._attempt, cookie.value)
            self.road.browsers[thief].attempt = self.road.browsers[browser].attempt

    # What must hold, whatever was done

    @invariant()
    def who_is_in_and_how_far_is_what_the_model_says(self) -> None:
        for browser, client in zip(self.road.browsers, self.clients, strict=True):
            here, seen = self.road.here(browser), client.get("/level").json
            if here is None:
                assert seen == {}
            else:
                assert seen == {"who": self.ids[here.person.email], "level": here.level(clock.now())}
                here.touch(clock.now())

    @invariant()
    def what_is_asked_is_what_the_model_says(self) -> None:
        for browser, client in zip(self.road.browsers, self.clients, strict=True):
            if client.get_cookie(self._attempt) is not None:
                answer, asks = client.get(API + "login/challenge"), self.road.waits_for(browser)
                assert answer.status_code == (401 if asks is None else 200), answer.text
                assert asks is None or self._asked(answer) == asks

    @invariant()
    def what_was_failed_is_counted_as_the_model_says(self) -> None:
        house, table = house_of(self.app), house_of(self.app).store.tables["counters"]
        with house.read() as connection:
            rows = connection.execute(sa.select(table.c.user_id, table.c.method, table.c.failures)).all()
        counts = self.road.counts.items()
        ours = [(self.ids[email], method, count.failures) for (email, method, _), count in counts]
        assert sorted(row for row in map(tuple, rows) if row[2]) == sorted(ours)

    @invariant()
    def no_session_is_alive_of_which_the_model_does_not_know(self) -> None:
        recognise, now = self.app.extensions["housekey"].recogniser.facts_of, clock.now()
        live = {session.token for session in self.road.sessions if session.is_live(now)}
        assert all((recognise(session.token) is not None) == (session.token in live) for session in self.road.sessions)
        house, sessions = house_of(self.app), house_of(self.app).store.tables["sessions"]
        with house.read() as connection:
            rows = connection.execute(sa.select(sessions).where(sessions.c.ended_at.is_(None))).all()
        alive = [row for row in rows if now < row.expires_at and now - row.last_seen_at < IDLE]
        assert len(alive) == len(live)

    # Helpers

    @property
    def _attempt(self) -> str:
        return str(self.app.extensions["housekey"].cookies.attempt)

    def _who(self, browser: int, email: str) -> tuple[Browser, Person]:
        return self.road.browsers[browser], self.road.people[email]

    def _that_waits(self, browser: int) -> int:
        """This browser, or the next one in which a login waits."""
        numbers = [(browser + further) % 3 for further in range(3)]
        return next((number for number in numbers if self.road.waits_for(self.road.browsers[number])), browser)

    def _waiting(self, browser: int) -> str:
        attempt = self.road.browsers[browser].attempt
        assert attempt is not None
        return attempt.person.email

    def _answer(self, browser: int, method: str, shown: Any, **given: Any) -> Any:
        answer = self.clients[browser].post(API + "login/challenge", json={"method": method, **given})
        self._became(browser, answer, self.road.answer(self.road.browsers[browser], method, shown))
        return answer

    def _became(self, browser: int, answer: Any, expected: str) -> None:
        became = {200: IN, 204: IN, 202: ASKED}.get(answer.status_code, REFUSED)
        assert became == expected, (answer.status_code, answer.text)
        assert answer.status_code < 500
        if became == IN:
            here = self.road.here(self.road.browsers[browser])
            assert here is not None
            here.token = str(token(self.app, self.clients[browser]))
        if became == ASKED:
            attempt = self.road.browsers[browser].attempt
            assert attempt is not None
            assert self._asked(answer) == self.road.asks(attempt)
            if self.road.asks(attempt) == MAILED:
                mails = [mail for mail in Mailbox(self.app).to(attempt.person.email) if mail.purpose == "factor_code"]
                attempt.mailed = CODE.findall(mails[-1].text)[0]

    def _asked(self, answer: Any) -> Asks:
        asked = answer.json["challenge"]
        return Asks(asked["type"], tuple(asked["details"]["methods"]))

    def _keeps(
        self, email: str, codes: list[str] | None, phone: Phone | None = None, key: Authenticator | None = None
    ) -> None:
        self.phones |= {email: phone} if phone else {}
        self.keys |= {email: key} if key else {}
        if codes is not None:
            self.codes[email] = codes
            self.road.people[email].codes = set(codes)
