"""A refused login tells nothing of the account: neither in its answer, nor by its work, nor by its time (flaw 11)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

import pytest
import sqlalchemy as sa
from argon2 import low_level
from flask import Flask
from werkzeug.security import generate_password_hash

from attacks.faces import FACES, disable
from housekey.capabilities.passwords.stored import store_hash
from housekey.login.settings import LoginSettings
from rig.apps import PASSWORD, log_in, registered, small_app
from rig.people import house_of, id_of

SEEN_BEFORE = re.compile(r'name="_csrf" value="[^"]*"|csrf-token" content="[^"]*"')
FLOOR = LoginSettings().refusal_time
OFTEN = 20
CLOSE = 0.015
"""Seconds. A hash that is computed for one and spared for another shows as 50 ms."""


@dataclass(frozen=True)
class Suspect:
    """One whom a stranger asks about: the name that is tried, and the password."""

    name: str
    password: str = "wrong"

    def __str__(self) -> str:
        return self.name.partition("@")[0]


UNKNOWN = Suspect("unknown@example.test")
SUSPECTS = [
    UNKNOWN,
    Suspect("nobody at all"),
    Suspect("known@example.test"),
    Suspect("disabled@example.test", PASSWORD),
    Suspect("locked@example.test", PASSWORD),
    Suspect("passwordless@example.test"),
    Suspect("oldformat@example.test"),
]


def town(**settings) -> Flask:
    """An app with one user of each kind."""
    app = small_app(HOUSEKEY_THROTTLING_LOCK_AFTER=50, HOUSEKEY_THROTTLING_NETWORK_TRIES=100_000, **settings)
    for name in ("known", "disabled", "locked", "oldformat"):
        registered(app, f"{name}@example.test")
    with app.app_context():
        app.accounts.session.add(app.accounts.User(email="passwordless@example.test"))
        app.accounts.session.commit()
    disable(app, "disabled@example.test")
    old, user = generate_password_hash(PASSWORD, "pbkdf2:sha256:100000"), id_of(app, "oldformat@example.test")
    house_of(app).run(lambda unit: store_hash(unit, unit.schema, user, old))
    lock(app)
    return app


def lock(app: Flask) -> None:
    house, counters = house_of(app), house_of(app).store.tables["counters"]
    log_in(app.test_client(), "locked@example.test", "wrong")
    house.run(lambda unit: unit.execute(sa.update(counters).values(in_row=100)))


# The answer


@pytest.mark.flaw(11)
@pytest.mark.asvs("6.3.8")
def test_unknown_known_disabled_locked_and_passwordless_get_one_answer(face):
    app = town()

    def told(suspect: Suspect) -> tuple[int, str, list[tuple[str, str]]]:
        answer = face.log_in(app.test_client(), suspect.name, suspect.password)
        text = SEEN_BEFORE.sub("", answer.text.replace(suspect.name, "NAME"))
        headers = [(k, v.partition("=")[0]) for k, v in answer.response.headers if k not in ("Date", "Content-Length")]
        return answer.status, text, sorted(headers)

    expected = told(UNKNOWN)
    assert expected[0] == 401
    for suspect in SUSPECTS:
        assert told(suspect) == expected, suspect


# The work


class Work:
    """What a request has cost, in things that a busy machine does not change."""

    def __init__(self) -> None:
        self.statements = self.hashes = 0


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch, engine: sa.Engine) -> Iterator[Work]:
    work = Work()

    def statement(*about: object) -> None:
        work.statements += 1

    def hashing(real: Callable[..., object]) -> Callable[..., object]:
        def counting(*args: object, **kwargs: object) -> object:
            work.hashes += 1
            return real(*args, **kwargs)

        return counting

    with monkeypatch.context() as patch:
        patch.setattr(low_level, "verify_secret", hashing(low_level.verify_secret))
        patch.setattr(low_level, "hash_secret", hashing(low_level.hash_secret))
        sa.event.listen(engine, "before_cursor_execute", statement)
        yield work
        sa.event.remove(engine, "before_cursor_execute", statement)


@pytest.mark.flaw(11)
@pytest.mark.asvs("6.3.8")
def test_unknown_known_disabled_and_passwordless_cost_as_many_hashes_and_reads(face, monkeypatch):
    """With equal histories: here the second try from an unknown browser."""
    app = town()

    def cost(suspect: Suspect) -> tuple[int, int]:
        face.log_in(app.test_client(), suspect.name, suspect.password)
        with counted(monkeypatch, house_of(app).store.engine) as work:
            face.log_in(app.test_client(), suspect.name, suspect.password)
        return work.hashes, work.statements

    alike = [suspect for suspect in SUSPECTS if str(suspect) not in ("locked", "oldformat")]
    assert {cost(suspect) for suspect in alike} == {cost(UNKNOWN)}
    assert cost(UNKNOWN)[0] == 1


@pytest.mark.flaw(11, 58)
@pytest.mark.asvs("6.3.8")
def test_a_locked_account_costs_as_much_as_a_locked_name_that_nobody_bears(face, monkeypatch):
    app = small_app(HOUSEKEY_THROTTLING_NETWORK_TRIES=1000)
    registered(app, "known@example.test")

    def costs(name: str) -> list[tuple[int, int]]:
        found = []
        for number in range(8):
            with counted(monkeypatch, house_of(app).store.engine) as work:
                face.log_in(app.test_client(), name, "wrong" if number < 6 else PASSWORD)
            found.append((work.hashes, work.statements))
        return found

    costs("warm up")
    assert costs("known@example.test") == costs("unknown@example.test")


# The time


@pytest.mark.flaw(11)
@pytest.mark.asvs("6.3.8")
@pytest.mark.parametrize("face", FACES, ids=str)
def test_no_clock_tells_unknown_known_disabled_locked_passwordless_and_old_formats_apart(face):
    """With real hashes and the default floor. Other work on this machine makes single answers late, never early: so
    the quickest answers are compared, and whoever seems slower is asked again. A real difference never goes away."""
    app = town(HOUSEKEY_PASSWORDS_HASH_PROFILE="standard", HOUSEKEY_LOGIN_REFUSAL_TIME=FLOOR)
    times: dict[Suspect, list[float]] = {suspect: [] for suspect in SUSPECTS}
    asked = SUSPECTS * 2
    while asked and len(times[asked[0]]) < OFTEN:
        for suspect in asked:
            times[suspect].append(seconds(lambda who=suspect: face.log_in(app.test_client(), who.name, who.password)))
        quickest = {suspect: min(taken) for suspect, taken in times.items()}
        asked = [suspect for suspect in SUSPECTS if quickest[suspect] - min(quickest.values()) >= CLOSE]
    shown = {str(suspect): (quickest[suspect], median(taken)) for suspect, taken in times.items()}
    assert min(quickest.values()) >= FLOOR.total_seconds(), shown
    assert not asked, shown


def seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
