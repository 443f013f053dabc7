"""Whoever asks for a mail learns nothing of an address: neither by the answer, nor by its work, nor by its time
(flaw 11)."""

from __future__ import annotations

import re
import time
from itertools import count
from statistics import median

import pytest
from flask import Flask

from attacks.faces import FACES, Face, disable
from attacks.test_equal_answers import counted
from rig.apps import PASSWORD, small_app
from rig.people import house_of

WISHES = {
    "password/forgot": {}, "username/forgot": {}, "login/mail": {},
    "register": {"password": PASSWORD}, "register/again": {},
}  # fmt: skip
"""What asks for a mail, and what is sent besides the address."""
KINDS = ("unknown", "known", "disabled")
OF_THIS_ANSWER = re.compile(r'name="_csrf" value="[^"]*"|csrf-token" content="[^"]*"|"(?:id|asker)": ?"[^"]*"')
OFTEN = 24
CLOSE = 0.02
"""Seconds. A mail that is sent while one waits, or a hash that is spared, shows as 50 ms and more."""


class Town:
    """An app, and addresses that nobody has asked about yet."""

    def __init__(self, **settings: object) -> None:
        self.app: Flask = small_app(
            HOUSEKEY_REGISTRATION_VERIFICATION="required", HOUSEKEY_MAILED_LOGIN_OPEN=True, **settings
        )
        self.numbers = count()

    def address(self, kind: str) -> str:
        email = f"{kind}-{next(self.numbers)}@example.test"
        if kind != "unknown":
            self.settle(email)
        if kind == "disabled":
            disable(self.app, email)
        return email

    def settle(self, email: str) -> None:
        with self.app.app_context():
            self.app.accounts.session.add(self.app.accounts.User(email=email))
            self.app.accounts.session.commit()


def ask(town: Town, face: Face, wish: str, email: str) -> tuple[int, str, list[str]]:
    """All that a stranger sees of the answer."""
    answer = face.send(town.app.test_client(), wish, WISHES[wish] | {"email": email})
    text = OF_THIS_ANSWER.sub("", answer.text.replace(email, "ADDRESS"))
    return answer.status, text, sorted(name for name, _value in answer.response.headers)


@pytest.mark.flaw(11)
@pytest.mark.asvs("6.3.8")
@pytest.mark.parametrize("wish", WISHES)
def test_an_address_that_is_known_or_not_gets_one_answer_at_first_and_when_asked_again(face, wish):
    town, seen = Town(), {}
    for kind in KINDS:
        email = town.address(kind)
        seen[kind] = [ask(town, face, wish, email) for _again in range(3)]
    assert seen["unknown"][0][0] in (202, 303)
    assert seen["known"] == seen["disabled"] == seen["unknown"]


@pytest.mark.flaw(11)
@pytest.mark.asvs("6.3.8")
@pytest.mark.parametrize("wish", WISHES)
def test_a_known_and_an_unknown_address_cost_as_many_hashes_and_statements(face, wish, monkeypatch):
    town = Town()

    def cost(email: str) -> tuple[int, int]:
        with counted(monkeypatch, house_of(town.app).store.engine) as work:
            ask(town, face, wish, email)
        return work.hashes, work.statements

    cost(town.address("known"))  # warm up
    costs = {}
    for kind in KINDS:
        email = town.address(kind)
        costs[kind] = [cost(email) for _again in range(2)]
    assert costs["known"] == costs["disabled"] == costs["unknown"]


@pytest.mark.flaw(11)
@pytest.mark.asvs("6.3.8")
@pytest.mark.parametrize("wish", WISHES)
def test_no_clock_tells_a_known_address_from_an_unknown_one(wish):
    """With real hashes, asked by turns; other work on this machine makes single answers late, and no median."""
    town = Town(HOUSEKEY_PASSWORDS_HASH_PROFILE="standard")
    face = FACES[-1]
    addresses = [(town.address("known"), town.address("unknown")) for _round in range(OFTEN)]
    known, unknown = [], []
    for one, other in addresses:
        known.append(seconds(town, face, wish, one))
        unknown.append(seconds(town, face, wish, other))
        if len(known) >= 8 and not apart(known, unknown):
            break
    assert not apart(known, unknown), (median(known), median(unknown))


def seconds(town: Town, face: Face, wish: str, email: str) -> float:
    began = time.perf_counter()
    ask(town, face, wish, email)
    return time.perf_counter() - began


def apart(one: list[float], other: list[float]) -> bool:
    return abs(median(one) - median(other)) >= CLOSE


def test_this_comparison_tells_245_from_119_milliseconds_apart():
    """The medians that another library was measured to have."""
    assert apart([0.245, 0.3, 0.24] * 3, [0.119, 0.9, 0.118] * 3)
