"""Mails that are under way when SECRET_KEY changes, with the former one among its fallbacks, go on working."""

from __future__ import annotations

from datetime import timedelta

import pytest

from capabilities.links.desk import EMAIL, HOUR, Desk
from housekey.capabilities.links import actions as links
from housekey.errors import InvalidLink
from housekey.kernel import clock, tokens


@pytest.fixture
def desk():
    return Desk()


def change_key(desk):
    app = desk.app
    app.config["SECRET_KEY_FALLBACKS"] = [app.secret_key]
    app.secret_key = "the key that is used from now on, and is long"


def test_a_code_from_before_the_change_works_after_it(desk):
    asker = tokens.new_token().secret
    issued = desk.issue(asker=asker)
    change_key(desk)
    assert desk.type("ACDE-FGHJ", asker) is None
    assert desk.type(issued.code, asker).id == issued.id


@pytest.mark.flaw(24)
@pytest.mark.parametrize("spent", ["older", "newer"])
def test_spending_a_link_ends_those_from_the_other_side_of_the_change(desk, spent):
    with clock.stopped() as time:
        older = desk.issue()
        change_key(desk)
        time.forward(timedelta(minutes=11))
        newer = desk.issue()
        first, second = (older, newer) if spent == "older" else (newer, older)
        desk.spend(desk.find(first))
        with pytest.raises(InvalidLink):
            desk.find(second)


def test_the_pause_and_the_number_of_links_hold_across_the_change(desk):
    with clock.stopped() as time:
        desk.issue()
        change_key(desk)
        assert desk.issue() is None, "ten minutes have not passed"
        sent = [desk.issue() for _ in range(3) if time.forward(timedelta(minutes=11)) is None]
        assert [bool(issued) for issued in sent] == [True, True, False], "three links at most"


def test_what_is_chosen_after_the_change_holds_for_the_link_from_before_it(desk):
    asker = tokens.new_token().secret
    issued = desk.issue(asker=asker, lifetime=HOUR, details={"name": "Ann"})
    change_key(desk)
    desk.house.run(lambda unit: links.note(unit, "reset", EMAIL, asker, {"name": "Anna"}))
    assert desk.find(issued).details == {"name": "Anna"}
