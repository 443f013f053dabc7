"""Limits of a network: exact, moving, and never mistaken for those of an account."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix

from housekey.kernel import clock
from rig.apps import PASSWORD, log_in, registered, small_app

LIMITED = {"HOUSEKEY_THROTTLING_NETWORK_TRIES": 6}


@pytest.mark.asvs("2.4.1")
def test_too_many_tries_from_one_network_answer_429_with_the_time_to_wait(database_url):
    app = small_app(database_url, **LIMITED)
    for number in range(6):
        assert log_in(app.test_client(), f"user{number}", "wrong").status_code == 401
    answer = log_in(app.test_client(), "one more", "wrong")
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_attempts")
    assert 0 < int(answer.headers["Retry-After"]) <= 601


def test_the_window_moves_with_the_clock():
    app = small_app(**LIMITED)
    with clock.stopped() as time:
        for number in range(6):
            log_in(app.test_client(), f"user{number}", "wrong")
            time.forward(timedelta(minutes=1))
        assert log_in(app.test_client(), "a", "x").status_code == 429
        time.forward(timedelta(minutes=4, seconds=1))
        assert log_in(app.test_client(), "a", "x").status_code == 401
        assert log_in(app.test_client(), "b", "x").status_code == 429


@pytest.mark.flaw(15)
def test_a_success_does_not_clear_the_networks_count():
    app = small_app(**LIMITED)
    registered(app)
    for _ in range(6):
        assert log_in(app.test_client()).status_code == 200
    assert log_in(app.test_client()).status_code == 429


@pytest.mark.flaw(18)
def test_the_page_is_limited_like_the_api():
    app = small_app(**LIMITED)
    client = app.test_client()
    for number in range(6):
        log_in(client, f"user{number}", "wrong")
    answer = client.post(
        "/account/login",
        data={"identifier": "x", "password": "y"},
        headers={"Sec-Fetch-Site": "same-origin", "Accept": "text/html"},
    )
    assert answer.status_code == 429
    assert "Retry-After" in answer.headers


@pytest.mark.asvs("4.1.3", "15.3.4")
@pytest.mark.flaw(16)
def test_a_forged_forwarded_header_does_not_evade_the_limit():
    app = small_app(**LIMITED)
    public = {"REMOTE_ADDR": "203.0.113.9"}
    for number in range(6):
        app.test_client().post(
            "/account/api/login",
            json={"identifier": f"u{number}", "password": "x"},
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
            environ_base=public,
        )
    answer = app.test_client().post(
        "/account/api/login",
        json={"identifier": "x", "password": "x"},
        headers={"X-Forwarded-For": "198.51.100.77"},
        environ_base=public,
    )
    assert answer.status_code == 429


@pytest.mark.flaw(16)
def test_addresses_of_one_ipv6_network_share_the_limit():
    app = small_app(**LIMITED)
    statuses = [
        app.test_client()
        .post(
            "/account/api/login",
            json={"identifier": f"u{number}", "password": "x"},
            environ_base={"REMOTE_ADDR": f"2001:db8:1:2::{number:x}"},
        )
        .status_code
        for number in range(7)
    ]
    assert statuses == [401] * 6 + [429]


def test_a_proxy_that_the_app_does_not_know_switches_the_limit_off_with_an_alarm(caplog):
    app = small_app(**LIMITED)
    behind = {"REMOTE_ADDR": "10.0.0.3"}
    with caplog.at_level(logging.WARNING, "housekey"):
        statuses = {
            app.test_client()
            .post(
                "/account/api/login",
                json={"identifier": f"u{number}", "password": "x"},
                headers={"X-Forwarded-For": "203.0.113.5"},
                environ_base=behind,
            )
            .status_code
            for number in range(9)
        }
    assert statuses == {401}
    assert "ProxyFix" in caplog.text


def test_through_proxyfix_the_visitors_own_network_counts():
    app = small_app(**LIMITED)
    app.wsgi_app = ProxyFix(app.wsgi_app)

    def status(address: str, number: int) -> int:
        return (
            app.test_client()
            .post(
                "/account/api/login",
                json={"identifier": f"{address}{number}", "password": "x"},
                headers={"X-Forwarded-For": address},
                environ_base={"REMOTE_ADDR": "10.0.0.3"},
            )
            .status_code
        )

    assert [status("203.0.113.5", number) for number in range(7)] == [401] * 6 + [429]
    assert status("203.0.113.6", 0) == 401


def test_registrations_are_limited_by_network():
    app = small_app(HOUSEKEY_THROTTLING_NETWORK_REQUESTS=3)
    for number in range(3):
        registered(app, f"user{number}@example.test")
    answer = app.test_client().post("/account/api/register", json={"email": "late@example.test", "password": PASSWORD})
    assert answer.status_code == 429


@pytest.mark.flaw(14)
def test_parallel_requests_do_not_race_past_the_window(database_url, together):
    app = small_app(database_url, **LIMITED)

    def attempt(number: int) -> int:
        return log_in(app.test_client(), f"user{number}", "wrong").status_code

    statuses = together(16, attempt)
    assert statuses.count(429) == 10, statuses
    assert set(statuses) <= {401, 429}
