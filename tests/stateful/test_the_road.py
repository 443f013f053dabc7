"""Whatever two people and a thief do in three browsers, in whatever order: who gets in, how far, and what is asked of
whom is what the model of the road says. The app is a real one on a real database, also across restarts.

HOUSEKEY_ROAD_EXAMPLES=2000 walks longer than the suite does.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from attacks.faces import ANN, BOB
from housekey.capabilities.admin.actions import set_disabled
from housekey.capabilities.factors import actions as factors
from housekey.kernel import clock
from housekey.testing import make_user
from rig.apps import log_in, small_app
from rig.authenticators import API, Authenticator, add, log_in_with
from rig.engines import engines_closed
from rig.mailed import token_in
from rig.people import house_of, id_of
from rig.phones import Phone, begun, confirm
from stateful.deeds import deed, deeds_of, happens
from stateful.road_model import Road
from stateful.road_parts import BOTH, FRESH, HAS, SET_UP, Asks, Attempt, Code, Person
from stateful.road_world import BEGINS, PASSWORDS, SETTINGS, RoadWorld, browsers

EXAMPLES = int(os.environ.get("HOUSEKEY_ROAD_EXAMPLES", "24"))

people = st.sampled_from([ANN, BOB])
passwords = st.sampled_from(PASSWORDS)
outfits = st.sampled_from(["key and phone", "key and phone", "phone", "key", "nothing"])


class TheRoad(RoadWorld):
    """Ann and Bob, each with a browser of their own, and a third browser that anybody may use."""

    @initialize(ann=outfits, bob=outfits, verifies=st.booleans(), required=st.booleans())
    def start(self, ann: str, bob: str, verifies: bool, required: bool) -> None:
        self.road = Road(clock.now(), 3, [Person(ANN, PASSWORDS[0]), Person(BOB, PASSWORDS[0])])
        self._serve()
        self.ids = {email: id_of(self.app, email) for email in (ANN, BOB)}
        self.clients = [self.app.test_client() for _ in range(3)]
        for number, (email, outfit) in enumerate([(ANN, ann), (BOB, bob)]):
            self.log_in(number, email, PASSWORDS[0])
            if "key" in outfit:
                self.set_up_a_key(number, verifies)
                self.log_in(number, email, PASSWORDS[0])
                self.give_a_key(number, email)
            if "phone" in outfit:
                self.set_up_a_phone(number)
        self.the_rule(required)

    @rule(data=st.data())
    def something_happens(self, data: st.DataObject) -> None:
        self.a_second_passes()  # of two mails of one moment none would be the latest
        happens(self, DEEDS, data)

    # The first step

    @deed(6, browser=browsers, email=people)
    def log_in_with_the_right_password(self, browser: int, email: str) -> None:
        self.log_in(browser, email, self.road.people[email].password)

    @deed(3, browser=browsers, email=people, password=passwords)
    def log_in(self, browser: int, email: str, password: str) -> None:
        answer = log_in(self.clients[browser], email, password)
        self._became(browser, answer, self.road.by_password(*self._who(browser, email), password))

    @deed(2, browser=browsers, email=people)
    def log_in_by_mail(self, browser: int, email: str) -> None:
        if self.road.people[email].disabled:
            return
        client = self.clients[browser]
        assert client.post(API + "login/mail", json={"email": email}).status_code == 202
        answer = client.post(API + "login/mail/confirm", json={"token": token_in(self.app, email)})
        self._became(browser, answer, self.road.by_mail(*self._who(browser, email)))

    @deed(3, browser=browsers, email=people)
    def log_in_by_key(self, browser: int, email: str) -> None:
        if email in self.keys:
            answer = log_in_with(self.clients[browser], self.keys[email])
            self._became(browser, answer, self.road.by_key(*self._who(browser, email)))

    # The second

    @deed(14, browser=browsers, which=st.integers(0, 2))
    def give_what_is_asked(self, browser: int, which: int) -> None:
        browser = self._that_waits(browser)
        asks, attempt = self.road.waits_for(self.road.browsers[browser]), self.road.browsers[browser].attempt
        if asks is None or attempt is None:
            return
        method, person = asks.methods[which % len(asks.methods)], attempt.person
        if method == "otp" and asks.type == "second_factor":
            now = self.road.step
            steps = [step for step in (now, now + 1, now - 1) if step > (person.last_step or 0)]
            self.give_a_code(browser, person.email, (steps or [now])[0] - now)
        elif method == "recovery_code":
            number = next(n for n, code in enumerate(self.codes[person.email]) if code in person.codes)
            self.give_a_recovery_code(browser, person.email, number)
        elif asks == SET_UP:
            (self.set_up_a_phone_on_the_way if method == "otp" else self.set_up_a_key_on_the_way)(browser)
        elif method == "passkey":
            self.give_a_key(browser, person.email)
        else:
            text = attempt.mailed if method == "email" else person.password
            self._answer(browser, method, text, code=text)

    @deed(10, browser=browsers, email=people, which=st.integers(0, 2))
    def another_person_answers(self, browser: int, email: str, which: int) -> None:
        """With what would be right at a login of their own."""
        browser, asks, attempt = self._one_waits(browser, email)
        if asks is None or attempt is None or asks.type != "second_factor":
            return
        method, other = asks.methods[which % len(asks.methods)], BOB if attempt.person.email == ANN else ANN
        if method == "passkey":
            self.give_a_key(browser, other)
        elif method == "otp":
            self.give_a_code(browser, other, 0)
        elif method == "recovery_code":
            self.give_a_recovery_code(browser, other, 1)

    @deed(6, browser=browsers, email=people)
    def give_a_recovery_code_again(self, browser: int, email: str) -> None:
        """If one was given; else the first."""
        browser, asks, attempt = self._one_waits(browser, email)
        if asks is not None and attempt is not None and self.codes[attempt.person.email]:
            self.give_a_recovery_code(browser, attempt.person.email, 0)

    def _one_waits(self, browser: int, email: str) -> tuple[int, Asks | None, Attempt | None]:
        """A browser in which a login waits: this one, another, or this one after its first step."""
        browser = self._that_waits(browser)
        if self.road.waits_for(self.road.browsers[browser]) is None:
            self.log_in_with_the_right_password(browser, email)
        held = self.road.browsers[browser]
        return browser, self.road.waits_for(held), held.attempt

    @deed(5, browser=browsers, email=people, steps=st.integers(-2, 2))
    def give_a_code(self, browser: int, email: str, steps: int) -> None:
        """Also one that was given before, too old, or another person's."""
        if email in self.phones:
            code = Code(email, self.road.step + steps)
            self._answer(self._that_waits(browser), "otp", code, code=self.phones[email].code(steps))

    @deed(4, browser=browsers, email=people, number=st.integers(0, 1))
    def give_a_recovery_code(self, browser: int, email: str, number: int) -> None:
        """Also one that was given before."""
        if self.codes[email]:
            code = self.codes[email][number]
            self._answer(self._that_waits(browser), "recovery_code", code, code=code)

    @deed(3, browser=browsers, email=people)
    def give_a_key(self, browser: int, email: str) -> None:
        options = self.clients[browser].post(API + "login/challenge/options")
        asks = self.road.waits_for(self.road.browsers[browser])
        wanted = asks is not None and asks.type == "second_factor" and "passkey" in asks.methods
        assert (options.status_code == 200) == wanted, options.text
        if email in self.keys and wanted:
            self._answer(browser, "passkey", email, credential=self.keys[email].get(options.json))

    @deed(3, browser=browsers, method=st.sampled_from(["otp", "recovery_code", "email", "pwd"]))
    def guess(self, browser: int, method: str) -> None:
        self._answer(browser, method, Code("nobody", 0) if method == "otp" else "AAAA-AAAA", code="AAAA-AAAA")

    @deed(2, browser=browsers)
    def start_over(self, browser: int) -> None:
        assert self.clients[browser].delete(API + "login/challenge").status_code == 204
        self.road.start_over(self.road.browsers[browser])

    # Setting up

    def set_up_a_phone_on_the_way(self, browser: int) -> None:
        asked = self.clients[browser].get(API + "login/challenge").json["challenge"]
        phone, email = Phone(asked["details"]["otp"]["secret"]), self._waiting(browser)
        answer = self._answer(browser, "otp", Code("new", self.road.step), code=phone.code())
        if answer.status_code == 200:
            self._keeps(email, answer.json["recovery_codes"], phone=phone)

    def set_up_a_key_on_the_way(self, browser: int) -> None:
        key, email = Authenticator(), self._waiting(browser)
        options = self.clients[browser].post(API + "login/challenge/passkey/options")
        assert options.status_code == 200, options.text
        answer = self._answer(browser, "passkey", BOTH, credential=key.create(options.json))
        if answer.status_code == 200:
            self._keeps(email, answer.json["recovery_codes"], key=key)

    @deed(1, browser=browsers)
    def set_up_a_phone(self, browser: int) -> None:
        person, client = self._may_add(browser), self.clients[browser]
        if person is not None and person.last_step is None:
            phone = begun(client)
            self._added(browser, person, "otp", confirm(client, phone, phone.code(-1)), phone=phone)

    @deed(1, browser=browsers, verifies=st.booleans())
    def set_up_a_key(self, browser: int, verifies: bool) -> None:
        person, key = self._may_add(browser), Authenticator(verifies=verifies)
        if person is not None and person.key is None:
            self._added(browser, person, "passkey", add(self.clients[browser], key), key=key)

    def _may_add(self, browser: int) -> Person | None:
        """Whoever is freshly logged in there, at the level that they can reach, and owes nothing."""
        session = self.road.here(self.road.browsers[browser])
        if session is None or clock.now() - session.proved >= FRESH:
            return None
        person = session.person
        is_well = session.level(clock.now()) == 2 if person.has_factor else not self.road.required
        return person if is_well else None

    def _added(self, browser: int, person: Person, method: str, answer: Any, **kept: Any) -> None:
        assert answer.status_code in (200, 201), answer.text
        first, here = not person.has_factor, self.road.here(self.road.browsers[browser])
        verifies = "key" in kept and kept["key"].verifies
        shown = Code("new", self.road.step - 1) if method == "otp" else BOTH if verifies else HAS
        self.road.add_factor(person, method, shown, keep=here, browser=self.road.browsers[browser])
        self._keeps(person.email, answer.json["recovery_codes"] if first else None, **kept)

    # Inside a session

    @deed(2, browser=browsers)
    def log_out(self, browser: int) -> None:
        assert self.clients[browser].post(API + "logout").status_code == 204
        self.road.start_over(self.road.browsers[browser])
        self.road.leave(self.road.browsers[browser])

    @deed(3, browser=browsers, password=passwords)
    def confirm(self, browser: int, password: str) -> None:
        answer = self.clients[browser].post(API + "reauthenticate", json={"password": password})
        self._became(browser, answer, self.road.confirm(self.road.browsers[browser], password))

    @deed(3, browser=browsers, wrong=st.booleans(), new=passwords)
    def change_the_password(self, browser: int, wrong: bool, new: str) -> None:
        here = self.road.here(self.road.browsers[browser])
        current = "not this one, surely" if wrong or here is None else here.person.password
        answer = self.clients[browser].post(API + "password/change", json={"current": current, "new": new})
        self._became(browser, answer, self.road.confirm(self.road.browsers[browser], current, new))

    # What ends it

    @deed(3, browser=browsers, email=people, new=passwords)
    def reset_the_password_by_mail(self, browser: int, email: str, new: str) -> None:
        """Of somebody whose login waits, if there is one."""
        waiting = self.road.browsers[self._that_waits(browser)].attempt
        email = waiting.person.email if waiting is not None else email
        person, client = self.road.people[email], self.clients[browser]
        if not person.disabled:
            assert client.post(API + "password/forgot", json={"email": email}).status_code == 202
            shown = {"token": token_in(self.app, email), "password": new}
            assert client.post(API + "password/reset", json=shown).status_code == 204
            self.road.new_password(person, new)

    @deed(3, email=people, disabled=st.sampled_from([False, False, True]))
    def disable_or_enable(self, email: str, disabled: bool) -> None:
        house_of(self.app).run(lambda unit: set_disabled(unit, id_of(self.app, email), disabled))
        self.road.people[email].disabled = disabled
        if disabled:
            self.road.end_all(self.road.people[email])

    @deed(1, email=people)
    def reset_the_factors(self, email: str) -> None:
        if self.road.people[email].has_factor:
            house_of(self.app).run(lambda unit: factors.reset(unit, id_of(self.app, email), by="operator"))
            self.road.reset_factors(self.road.people[email])


DEEDS = deeds_of(TheRoad)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables and two people, made once."""
    file = tmp_path_factory.mktemp("template") / "db.sqlite"
    with engines_closed(), clock.stopped(BEGINS):
        app = small_app(f"sqlite:///{file}", **SETTINGS)
        for email in (ANN, BOB):
            make_user(app, email=email, password=PASSWORDS[0])
    return file


@pytest.mark.flaw(26, 30, 31, 32, 33, 34, 38, 56, 57, 59)
@pytest.mark.asvs("6.3.1", "6.3.3", "6.4.3", "6.5.1", "7.2.4", "7.4.2", "7.4.3")
def test_who_gets_in_and_what_is_asked_is_what_the_model_of_the_road_says(template):
    class Machine(TheRoad):
        pass

    Machine.template = template
    Machine.TestCase.settings = settings(
        max_examples=EXAMPLES, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    Machine.TestCase().runTest()
