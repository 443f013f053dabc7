"""Guessing is slowed down, and nobody can lock the owner out of the owner's own browser."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from housekey.capabilities.throttling.events import AccountLocked
from housekey.capabilities.throttling.locks import Count, lock_length
from housekey.capabilities.throttling.settings import ThrottlingSettings
from housekey.kernel import clock
from housekey.login.events import LoginRefused
from rig.apps import PASSWORD, log_in, registered, small_app

SETTINGS = ThrottlingSettings()


@pytest.fixture
def app(database_url):
    return small_app(database_url)


@pytest.fixture
def quick_app():
    return small_app()


@pytest.mark.asvs("6.3.1")
@pytest.mark.flaw(13, 58)
def test_after_five_wrong_passwords_even_the_right_one_is_refused_with_the_same_answer(app):
    registered(app)
    stranger = app.test_client()
    wrong = [log_in(stranger, password="wrong") for _ in range(5)]
    right = log_in(stranger)
    assert {answer.status_code for answer in wrong} == {401}
    assert (right.status_code, right.json) == (401, wrong[0].json)


def test_the_lock_ends_after_fifteen_minutes(quick_app):
    with clock.stopped() as time:
        registered(quick_app)
        stranger = quick_app.test_client()
        for _ in range(5):
            log_in(stranger, password="wrong")
        time.forward(timedelta(minutes=14, seconds=59))
        assert log_in(stranger).status_code == 401
        time.forward(timedelta(seconds=2))
        assert log_in(stranger).status_code == 200


def test_each_further_lock_lasts_twice_as_long():
    assert [lock_length(5 * n, SETTINGS) for n in (1, 2, 3)] == [timedelta(minutes=m) for m in (15, 30, 60)]
    assert lock_length(5 * 50, SETTINGS) == SETTINGS.lock_at_most


@pytest.mark.flaw(14)
def test_a_strangers_guesses_never_lock_the_owners_own_browser(app):
    owner = registered(app)
    owner.post("/account/api/logout")
    stranger = app.test_client()
    for _ in range(20):
        log_in(stranger, password="wrong")
    assert log_in(owner).status_code == 200


def test_guesses_in_the_owners_browser_lock_only_that_browser(quick_app):
    owner = registered(quick_app)
    owner.post("/account/api/logout")
    for _ in range(6):
        log_in(owner, password="wrong")
    assert log_in(owner).status_code == 401
    assert log_in(quick_app.test_client()).status_code == 200


@pytest.mark.flaw(15)
def test_a_success_clears_only_the_count_of_its_own_browser(quick_app):
    owner = registered(quick_app)
    stranger = quick_app.test_client()
    for _ in range(5):
        log_in(stranger, password="wrong")
    assert log_in(owner).status_code == 200
    assert log_in(stranger).status_code == 401


@pytest.mark.flaw(16)
def test_letter_case_and_the_username_share_one_count(quick_app):
    registered(quick_app, username="ann")
    stranger = quick_app.test_client()
    for name in ("ann", "ANN", "Ann@example.test", "ann@EXAMPLE.test", "aNN"):
        log_in(stranger, name, "wrong")
    assert log_in(stranger).status_code == 401


@pytest.mark.flaw(58)
def test_a_name_that_nobody_bears_locks_as_well_and_is_kept_only_as_a_digest(quick_app):
    stranger = quick_app.test_client()
    for _ in range(7):
        assert log_in(stranger, "hunter2-typed-in-the-wrong-field", "x").status_code == 401
    house = quick_app.extensions["housekey"].house
    with house.read() as connection:
        rows = connection.execute(house.store.tables["counters"].select()).all()
    assert [row.failures for row in rows] == [5]
    assert "hunter2" not in repr(rows)


@pytest.mark.flaw(14)
def test_parallel_guesses_do_not_race_past_the_limit(app, together):
    registered(app)

    def guess(number: int) -> int:
        return log_in(app.test_client(), password=PASSWORD if number == 19 else f"wrong {number}").status_code

    statuses = together(20, guess)
    assert set(statuses) <= {200, 401, 503}
    house = app.extensions["housekey"].house
    with house.read() as connection:
        rows = connection.execute(house.store.tables["counters"].select()).all()
    assert sum(row.failures for row in rows) <= 5


@pytest.mark.flaw(14)
def test_parallel_guesses_from_many_networks_are_five_guesses(database_url, together):
    """Those of one network wait for each other at its window; these meet nowhere but at the account's own count."""
    app = small_app(database_url, HOUSEKEY_PASSWORDS_POOL_SIZE=20, HOUSEKEY_PASSWORDS_POOL_QUEUE=20)
    registered(app)
    refusals = []
    app.accounts.on(LoginRefused, lambda event, session: refusals.append(event.reason))

    def guess(number: int) -> int:
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"203.0.113.{number}"
        return log_in(client, password=f"wrong {number}").status_code

    assert set(together(20, guess)) == {401}
    assert Counter(refusals) == {"invalid_credentials": 5, "locked": 15}


def test_at_a_hundred_failures_the_password_is_closed_to_unknown_browsers_until_it_is_changed(quick_app):
    with clock.stopped() as time:
        owner = registered(quick_app)
        stranger = quick_app.test_client()
        for _ in range(100):
            log_in(stranger, password="wrong")
            time.forward(timedelta(hours=25))
        assert log_in(stranger).status_code == 401
        time.forward(timedelta(days=365))
        assert log_in(stranger).status_code == 401
        assert log_in(owner).status_code == 200
        owner.post("/account/api/password/change", json={"current": PASSWORD, "new": "another long passphrase"})
        assert log_in(stranger, password="another long passphrase").status_code == 200


def test_the_owner_is_told_of_a_lock_once(quick_app):
    heard = []
    quick_app.accounts.on(AccountLocked, lambda event, session: heard.append(event))
    registered(quick_app)
    stranger = quick_app.test_client()
    for _ in range(9):
        log_in(stranger, password="wrong")
    assert [(event.known_device, event.until is not None) for event in heard] == [(False, True)]


@pytest.mark.flaw(14)
def test_confirming_in_a_live_session_is_not_locked_by_strangers(quick_app):
    owner = registered(quick_app)
    owner.delete_cookie(quick_app.extensions["housekey"].cookies.device)
    for _ in range(9):
        log_in(quick_app.test_client(), password="wrong")
    assert owner.post("/account/api/reauthenticate", json={"password": PASSWORD}).status_code == 200


@pytest.mark.flaw(13)
def test_wrong_passwords_in_a_live_session_lock_as_well(quick_app):
    owner = registered(quick_app)
    for _ in range(5):
        assert owner.post("/account/api/reauthenticate", json={"password": "wrong"}).status_code == 401
    assert owner.post("/account/api/reauthenticate", json={"password": PASSWORD}).status_code == 401


def test_changing_the_password_often_locks_nobody_out(quick_app):
    owner, current = registered(quick_app), PASSWORD
    for number in range(7):
        new = f"a passphrase of mine, number {number}"
        answer = owner.post("/account/api/password/change", json={"current": current, "new": new})
        assert answer.status_code == 204, answer.text
        current = new


@given(st.lists(st.booleans(), max_size=40))
def test_a_refund_takes_back_exactly_what_was_charged(charges):
    moment = clock.now()
    count = Count(0, 0, None, moment)
    for refunded in charges:
        charged = count.charged(moment, SETTINGS)
        count = charged.refunded(SETTINGS) if refunded else charged
    kept = charges.count(False)
    assert (count.failures, count.in_row) == (kept, kept)
