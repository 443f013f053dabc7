"""Whatever two people do in two browsers, in whatever order, on either face: who is logged in where is what the model
says. The app is a real one on a real database, also across restarts."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from attacks.faces import ANN, BOB, FACES, Face, session_ids, token, who
from housekey.capabilities.admin.actions import set_disabled
from housekey.kernel import clock
from rig.apps import small_app
from rig.engines import engines_closed
from rig.people import house_of, id_of
from stateful.deeds import deed, deeds_of, happens
from stateful.model import Model, Person, Session

PEOPLE = {ANN: "ann", BOB: "bob"}
PASSWORDS = ["correct horse battery staple", "another long passphrase", "yet another long one"]
STEPS = [
    timedelta(seconds=59),
    timedelta(minutes=14, seconds=59),
    timedelta(minutes=15),
    timedelta(hours=7, minutes=59),
]
STEPS += [timedelta(hours=8), timedelta(days=6), timedelta(days=7), timedelta(days=14), timedelta(days=30)]
SETTINGS = {
    "SECRET_KEY": "the same key before and after a restart",
    "HOUSEKEY_THROTTLING_LOCK_AFTER": 1_000,
    "HOUSEKEY_THROTTLING_NETWORK_TRIES": 1_000_000,
}

browsers = st.integers(0, 1)
people = st.sampled_from(list(PEOPLE))
faces = st.sampled_from(FACES)
passwords = st.sampled_from(PASSWORDS)


class WhoIsLoggedIn(RuleBasedStateMachine):
    """Two people and two browsers. Every token that was ever given out is tried after each step, as a thief would."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.model, self.boots = Model(), 0
        self.folder = Path(tempfile.mkdtemp())
        self._engines, self._clock = engines_closed(), clock.stopped(datetime(2026, 3, 1, tzinfo=UTC))
        self._engines.__enter__()
        self.time = self._clock.__enter__()
        shutil.copyfile(self.template, self.folder / "db.sqlite")

    def teardown(self) -> None:
        self._clock.__exit__(None, None, None)
        self._engines.__exit__(None, None, None)
        shutil.rmtree(self.folder)
        os.environ.pop("HOUSEKEY_BOOT_ID", None)

    # The world

    @initialize(end_on_restart=st.booleans())
    def start(self, end_on_restart: bool) -> None:
        self.end_on_restart = end_on_restart
        self._serve()
        self.clients = [self.app.test_client() for _ in range(2)]
        self.register(0, ANN, PASSWORDS[0], FACES[0])
        self.register(1, BOB, PASSWORDS[0], FACES[1])

    @rule(data=st.data())
    def something_happens(self, data: st.DataObject) -> None:
        happens(self, DEEDS, data)

    def _serve(self) -> None:
        self.boots += 1
        os.environ["HOUSEKEY_BOOT_ID"] = f"start {self.boots}"
        url = f"sqlite:///{self.folder / 'db.sqlite'}"
        self.app = small_app(url, HOUSEKEY_SESSIONS_END_ON_RESTART=self.end_on_restart, **SETTINGS)

    @deed(1)
    def restart(self) -> None:
        before = self.clients
        self._serve()
        self.clients = [self.app.test_client() for _ in range(2)]
        for old, new in zip(before, self.clients, strict=True):
            new._cookies = old._cookies
        if self.end_on_restart:
            for email in PEOPLE:
                self.model.end_all(email)

    @deed(4, step=st.sampled_from(STEPS))
    def time_passes(self, step: timedelta) -> None:
        self.time.forward(step)

    @deed(1, browser=browsers)
    def cookies_are_lost(self, browser: int) -> None:
        self.clients[browser] = self.app.test_client()
        self.model.lose(browser)

    # What people do

    @deed(1, browser=browsers, email=people, password=passwords, face=faces)
    def register(self, browser: int, email: str, password: str, face: Face) -> None:
        face.register(self.clients[browser], email, password)
        if email in self.model.people:
            self._was_here(browser)
        else:
            self.model.people[email] = Person(password)
            self.model.open(browser, email, self._token(browser), clock.now())

    @deed(2, browser=browsers, email=people, password=passwords, remember=st.booleans(), face=faces)
    def log_in(self, browser: int, email: str, password: str, remember: bool, face: Face) -> None:
        face.log_in(self.clients[browser], email, password, remember=remember)
        if self.model.may_log_in(email, password):
            self.model.open(browser, email, self._token(browser), clock.now(), remember=remember)

    @deed(6, browser=browsers, email=people, remember=st.booleans(), face=faces)
    def log_in_with_the_right_password(self, browser: int, email: str, remember: bool, face: Face) -> None:
        if email in self.model.people:
            self.log_in(browser, email, self.model.people[email].password, remember, face)

    @deed(2, browser=browsers, face=faces)
    def log_out(self, browser: int, face: Face) -> None:
        face.log_out(self.clients[browser])
        self.model.leave(browser)

    @deed(1, browser=browsers, face=faces)
    def log_out_everywhere(self, browser: int, face: Face) -> None:
        here = self._was_here(browser)
        face.log_out_everywhere(self.clients[browser])
        if here is not None:
            self.model.end_all(here.email)

    @deed(2, browser=browsers, current=passwords, new=passwords, face=faces)
    def change_password(self, browser: int, current: str, new: str, face: Face) -> None:
        here = self._was_here(browser)
        face.change_password(self.clients[browser], current, new)
        if here is not None and self.model.people[here.email].password == current and new != current:
            self.model.people[here.email].password = new
            self.model.renew(here, self._token(browser), clock.now())
            self.model.end_all(here.email, keep=here)

    @deed(2, browser=browsers, password=passwords, face=faces)
    def reauthenticate(self, browser: int, password: str, face: Face) -> None:
        here = self._was_here(browser)
        face.reauthenticate(self.clients[browser], password)
        if here is not None and self.model.people[here.email].password == password:
            self.model.renew(here, self._token(browser), clock.now())

    @deed(2, browser=browsers, face=faces)
    def end_others(self, browser: int, face: Face) -> None:
        here = self._was_here(browser)
        face.end_others(self.clients[browser])
        if here is not None and here.is_fresh(clock.now()):
            self.model.end_all(here.email, keep=here)

    @deed(2, browser=browsers, which=st.integers(0, 5), face=faces)
    def end_one(self, browser: int, which: int, face: Face) -> None:
        """One's own too, which is a logout."""
        here = self._was_here(browser)
        if here is None:
            return
        mine = sorted(self.model.live(here.email, clock.now()), key=lambda session: session is not here)
        chosen = mine[which % len(mine)]
        face.end(self.clients[browser], self._id(chosen))
        if here.is_fresh(clock.now()):
            self.model.end(chosen)

    @deed(2, browser=browsers)
    def look(self, browser: int) -> None:
        here = self._was_here(browser)
        assert who(self.clients[browser]) == (PEOPLE[here.email] if here else None)

    @deed(2, browser=browsers)
    def look_at_the_list(self, browser: int) -> None:
        here = self._was_here(browser)
        if here is not None:
            shown = session_ids(self.clients[browser])
            assert set(shown) == {self._id(session) for session in self.model.live(here.email, clock.now())}
            assert shown[0] == self._id(here)

    # What operators do

    @deed(2, email=people, disabled=st.booleans())
    def disable_or_enable(self, email: str, disabled: bool) -> None:
        if email in self.model.people:
            house_of(self.app).run(lambda unit: set_disabled(unit, id_of(self.app, email), disabled))
            self.model.people[email].disabled = disabled
            if disabled:
                self.model.end_all(email)

    # What must hold, whatever was done

    @invariant()
    def exactly_the_live_sessions_open_something(self) -> None:
        recognise = self.app.extensions["housekey"].recogniser.facts_of
        for session in self.model.sessions:
            if not session.ended:
                assert (recognise(session.token) is not None) == session.is_live(clock.now())
        assert not [dead for dead in self.model.dead if recognise(dead) is not None]

    @invariant()
    def no_browser_holds_more_than_one_live_token(self) -> None:
        for browser, client in enumerate(self.clients):
            held = [s for s in self.model.sessions if s.holder == browser and s.is_live(clock.now())]
            assert len(held) <= 1
            if held:
                assert token(self.app, client) == held[0].token

    @invariant()
    def every_live_row_is_of_an_enabled_user_and_of_the_users_version(self) -> None:
        house = house_of(self.app)
        sessions, accounts = house.store.tables["sessions"], house.store.tables["accounts"]
        both = sa.select(sessions.c.security_version, accounts.c.security_version, accounts.c.disabled_at)
        joined = both.select_from(sessions.join(accounts, accounts.c.user_id == sessions.c.user_id))
        with house.read() as connection:
            for own, version, disabled_at in connection.execute(joined.where(sessions.c.ended_at.is_(None))):
                assert own == version
                assert disabled_at is None

    # Helpers

    def _was_here(self, browser: int) -> Session | None:
        """Who is logged in in the browser that now sends a request, which counts as being seen."""
        here = self.model.here(browser, clock.now())
        if here is not None:
            here.touch(clock.now())
        return here

    def _token(self, browser: int) -> str:
        value = token(self.app, self.clients[browser])
        assert value is not None
        return value

    def _id(self, session: Session) -> str:
        facts = self.app.extensions["housekey"].recogniser.facts_of(session.token)
        assert facts is not None
        return str(facts.id)


DEEDS = deeds_of(WhoIsLoggedIn)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables, made once."""
    file = tmp_path_factory.mktemp("template") / "db.sqlite"
    with engines_closed():
        small_app(f"sqlite:///{file}", **SETTINGS)
    return file


@pytest.mark.flaw(1, 2, 3, 4, 5)
@pytest.mark.asvs("7.2.1", "7.2.4", "7.3.1", "7.3.2", "7.4.1", "7.4.2", "7.4.3", "7.5.2")
def test_who_is_logged_in_is_what_the_model_says(template):
    class Machine(WhoIsLoggedIn):
        pass

    Machine.template = template
    Machine.TestCase.settings = settings(max_examples=16, stateful_step_count=25, deadline=None)
    Machine.TestCase().runTest()
