"""Passwords that were stolen elsewhere, tried here from everywhere: what must not happen is a session."""

from __future__ import annotations

import pytest

from attacks.faces import who
from housekey.testing import make_user
from housekey.testing.mailbox import Mailbox
from rig.apps import PASSWORD, small_app

PAIRS = 1000
EACH = 50
"""Every so many pairs, one is right."""
LIMIT = 40


def pair(number: int) -> tuple[str, str]:
    """The first right one comes when more were refused than the rule lets pass."""
    right = number % EACH == EACH - 1
    return f"user{number}@example.test", PASSWORD if right else "leaked elsewhere, and changed since"


@pytest.fixture
def town():
    app = small_app(HOUSEKEY_STUFFING_REFUSALS_PER_MINUTE=LIMIT, HOUSEKEY_MAIL_BUDGET=1)
    for number in range(EACH - 1, PAIRS, EACH):
        make_user(app, email=pair(number)[0], password=PASSWORD)
    return app


@pytest.mark.flaw(13, 16, 18)
@pytest.mark.asvs("6.3.1", "8.2.4")
def test_a_thousand_stolen_pairs_from_as_many_networks_open_no_session(town, face):
    owner = face.logged_in(town, pair(EACH - 1)[0])
    face.log_out(owner)
    for number in range(PAIRS):
        bot = town.test_client()
        bot.environ_base["REMOTE_ADDR"] = f"198.{18 + number // 250 % 2}.{number // 250}.{number % 250 + 1}"
        answer = face.log_in(bot, *pair(number))
        assert answer.status != 429, "no network limit helps here"
        assert who(bot) is None
    assert len(Mailbox(town)) >= PAIRS // EACH, "those whose password is known are told"
    assert face.log_in(owner, pair(EACH - 1)[0]).done, "the browser that the account knows isn't asked for anything"
    assert who(owner) is not None
