"""What a mail lets its reader do works once, for its purpose, in time, and not for anyone who guesses."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from capabilities.links.desk import HOUR, Desk
from housekey import login
from housekey.capabilities.links import actions as links
from housekey.capabilities.links import codes
from housekey.errors import InvalidLink
from housekey.kernel import clock, tokens
from rig.threads import together


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def every_desk(database_url):
    return Desk(database_url)


@pytest.mark.flaw(23)
def test_looking_at_a_link_spends_nothing(desk):
    issued = desk.issue()
    for _ in range(3):
        link = desk.find(issued)
    assert desk.spend(link).id == desk.ann.id


@pytest.mark.flaw(24)
def test_a_link_works_once(every_desk):
    issued = every_desk.issue()
    link = every_desk.find(issued)
    every_desk.spend(link)
    with pytest.raises(InvalidLink):
        every_desk.find(issued)
    with pytest.raises(InvalidLink):
        every_desk.spend(link)


@pytest.mark.flaw(24)
def test_a_link_opens_nothing_else_than_what_it_was_sent_for(desk):
    issued = desk.issue("reset")
    with pytest.raises(InvalidLink):
        desk.find(issued, "email_change")


@pytest.mark.flaw(24)
def test_spending_one_link_ends_its_siblings(desk):
    with clock.stopped() as time:
        first = desk.issue()
        time.forward(timedelta(minutes=11))
        second = desk.issue()
        desk.spend(desk.find(second))
        with pytest.raises(InvalidLink):
            desk.find(first)


@pytest.mark.flaw(24)
def test_asking_for_another_link_ends_none_and_floods_nobody(desk):
    with clock.stopped() as time:
        first = desk.issue()
        assert desk.issue() is None, "ten minutes have not passed"
        sent = [desk.issue() for _ in range(5) if time.forward(timedelta(minutes=11)) is None]
        assert [bool(issued) for issued in sent] == [True, True, False, False, False], "three links at most"
        assert desk.find(first).user_id == desk.ann.id


def test_after_a_link_is_spent_the_next_may_be_asked_for_at_once(desk):
    desk.spend(desk.find(desk.issue()))
    assert desk.issue() is not None


def test_a_link_ends_with_its_lifetime(desk):
    with clock.stopped() as time:
        issued = desk.issue(lifetime=HOUR)
        time.forward(HOUR - timedelta(seconds=1))
        link = desk.find(issued)
        time.forward(timedelta(seconds=1))
        with pytest.raises(InvalidLink):
            desk.spend(link)


@pytest.mark.flaw(4)
def test_a_change_of_the_account_ends_the_links_that_were_sent_before(desk):
    link = desk.find(desk.issue())
    desk.house.run(lambda unit: login.end_all(unit, desk.ann.id, "password_changed"))
    with pytest.raises(InvalidLink):
        desk.spend(link)


@pytest.mark.parametrize("token", [None, "", "x", "a" * 43, "é" * 43, "a" * 5000])
def test_what_never_was_a_link_is_refused_like_a_spent_one(desk, token):
    with pytest.raises(InvalidLink):
        links.find(desk.house, "reset", token)


@pytest.mark.flaw(25)
@pytest.mark.asvs("2.3.4")
def test_of_parallel_spenders_exactly_one_wins(every_desk):
    for _ in range(50):
        link = every_desk.find(every_desk.issue())
        outcomes = together(4, lambda _number, link=link: every_desk.spend(link), refusals=(InvalidLink,))
        assert sum(not isinstance(outcome, InvalidLink) for outcome in outcomes) == 1


@pytest.mark.flaw(25)
def test_of_parallel_spenders_of_two_siblings_exactly_one_wins(every_desk):
    with clock.stopped() as time:
        for _ in range(10):
            pair = [every_desk.find(every_desk.issue()), time.forward(timedelta(minutes=11))]
            pair[1] = every_desk.find(every_desk.issue())
            outcomes = together(2, lambda number, pair=pair: every_desk.spend(pair[number]), refusals=(InvalidLink,))
            assert sum(not isinstance(outcome, InvalidLink) for outcome in outcomes) == 1


def test_of_parallel_wishes_for_a_mail_one_is_granted(every_desk):
    for number in range(10):
        email = f"somebody{number}@example.test"
        issued = together(4, lambda _n, email=email: every_desk.issue(email=email, user=None))
        assert sum(one is not None for one in issued) == 1


@pytest.mark.asvs("6.6.2")
def test_a_code_opens_its_link_only_in_the_browser_that_asked(desk):
    here, elsewhere = (tokens.new_token().secret for _ in range(2))
    issued = desk.issue(asker=here)
    assert desk.type(issued.code, elsewhere) is None
    assert desk.type(issued.code, None) is None
    assert desk.type(f" {issued.code.lower()} ", here).id == issued.id
    assert desk.find(issued).was_asked_by(here)
    assert not desk.find(issued).was_asked_by(elsewhere)


@pytest.mark.flaw(13)
def test_after_five_wrong_codes_the_right_one_is_refused_too(desk):
    asker = tokens.new_token().secret
    issued = desk.issue(asker=asker)
    assert [desk.type("WRONG", asker) for _ in range(5)] == [None] * 5
    assert desk.type(issued.code, asker) is None
    assert desk.find(issued), "the link itself, which can't be guessed, still works"


@pytest.mark.flaw(14)
@pytest.mark.asvs("6.6.3")
def test_parallel_guesses_are_five_guesses(every_desk):
    asker = tokens.new_token().secret
    issued = every_desk.issue(asker=asker)
    together(12, lambda _number: every_desk.type("WRONG", asker))
    table = every_desk.house.store.tables["links"]
    with every_desk.house.read() as connection:
        assert connection.scalar(sa.select(table.c.tries).where(table.c.id == issued.id)) == 5


@pytest.mark.asvs("6.5.5")
def test_a_code_ends_after_ten_minutes_and_its_link_lives_on(desk):
    asker = tokens.new_token().secret
    with clock.stopped() as time:
        issued = desk.issue(asker=asker)
        time.forward(timedelta(minutes=10))
        assert desk.type(issued.code, asker) is None
        assert desk.find(issued).id == issued.id


@pytest.mark.flaw(11)
def test_a_decoy_is_kept_like_a_link_and_opened_by_nothing(desk):
    asker = tokens.new_token().secret
    issued = desk.issue(user=None, asker=asker, decoy=True, email="nobody@example.test")
    assert desk.issue(user=None, decoy=True, email="nobody@example.test") is None, "the same pause as for a person"
    assert desk.type(issued.code, asker) is None
    with pytest.raises(InvalidLink):
        desk.find(issued)


@pytest.mark.asvs("11.4.2")
def test_neither_token_nor_code_nor_a_strangers_address_lies_in_the_table(desk):
    asker = tokens.new_token().secret
    issued = desk.issue(user=None, asker=asker, decoy=True, email="nobody@example.test")
    with desk.house.read() as connection:
        kept = repr(connection.execute(sa.select(desk.house.store.tables["links"])).all())
    for secret in (issued.token, codes.normal(issued.code), issued.code, asker, "nobody@example.test"):
        assert secret not in kept
    assert issued.token not in repr(issued)


@given(st.text(max_size=30))
def test_any_text_may_be_typed_as_a_code(text):
    assert codes.normal(codes.normal(text)) == codes.normal(text)


def test_codes_are_shown_in_groups_and_read_however_they_are_typed():
    code = codes.new_code()
    assert len(code) == codes.LENGTH
    assert set(code) <= set(codes.ALPHABET)
    assert codes.normal(codes.shown(code).lower().replace("-", " – ")) == code


@pytest.mark.asvs("6.5.3", "6.5.4")
def test_codes_hold_more_than_36_bits_each_sign_drawn_for_itself():
    assert len(codes.ALPHABET) ** codes.LENGTH > 2**36
    made = [codes.new_code() for _ in range(2000)]
    assert len(set(made)) == len(made)
    assert [set(column) for column in zip(*made, strict=True)] == [set(codes.ALPHABET)] * codes.LENGTH
