"""A trusted front end on a sister host may use the API with cookies; nobody else is told anything."""

from __future__ import annotations

import pytest

from rig.apps import small_app

FRIEND, STRANGER = "https://app.example.org", "https://evil.example"


@pytest.fixture
def client():
    app = small_app(HOUSEKEY_BASE_URL="https://id.example.org", HOUSEKEY_TRUSTED_ORIGINS=FRIEND)
    return app.test_client()


def preflight(client, origin):
    asks = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return client.options("/account/api/login", headers=asks)


def test_a_trusted_origin_may_ask_with_cookies(client):
    answer = preflight(client, FRIEND)
    assert answer.status_code == 204
    assert "Content-Type" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == FRIEND
    assert answer.headers["Access-Control-Allow-Credentials"] == "true"
    assert "POST" in answer.headers["Access-Control-Allow-Methods"]


def test_a_trusted_origin_may_read_refusals_too(client):
    answer = client.get("/account/api/me", headers={"Origin": FRIEND})
    assert answer.status_code == 401
    assert answer.headers["Access-Control-Allow-Origin"] == FRIEND
    assert "Origin" in answer.headers["Vary"]


@pytest.mark.parametrize("origin", [STRANGER, "null", "https://app.example.org.evil.example", "http://app.example.org"])
def test_no_other_origin_is_allowed_anything(client, origin):
    for answer in (preflight(client, origin), client.get("/account/api/me", headers={"Origin": origin})):
        assert not [name for name in dict(answer.headers) if name.startswith("Access-Control-Allow")]


def test_without_trusted_origins_no_header_is_sent():
    answer = preflight(small_app().test_client(), FRIEND)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" not in answer.headers.get("Vary", "")


def test_pages_are_never_shared(client):
    answer = client.get("/account/login", headers={"Origin": FRIEND})
    assert "Access-Control-Allow-Origin" not in answer.headers
