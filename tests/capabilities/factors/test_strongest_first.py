"""Of several factors the strongest is asked for first, and each of the others is another way."""

from __future__ import annotations

import re

import pytest

from rig.apps import log_in, registered, small_app
from rig.authenticators import API, Authenticator, add, answer_with
from rig.phones import answer, logged_in_with, with_phone

ORDER = ["passkey", "otp", "recovery_code"]
HERE = "/account/login/challenge"


@pytest.fixture
def key():
    return Authenticator()


@pytest.fixture
def waiting(key):
    """A browser whose login waits for the second step of somebody with all three; the app was there first."""
    app = small_app()
    phone = with_phone(registered(app))
    client = logged_in_with(app, phone)
    assert add(client, key).status_code == 201
    codes = client.post(API + "recovery-codes").json["codes"]
    client = app.test_client()
    assert log_in(client).status_code == 202
    return client, codes[0]


def shown(client, method=""):
    """What the page asks for, and what other ways it names."""
    page = client.get(HERE + (f"?method={method}" if method else "")).text
    asked = re.search(r'name="method" value="([^"]*)"', page)
    return asked[1], re.findall(r"method=(\w+)", page)


def test_json_names_them_in_that_order(waiting):
    client, _code = waiting
    assert client.get(API + "login/challenge").json["challenge"]["details"]["methods"] == ORDER


def test_the_page_asks_for_the_first_and_names_the_others(waiting):
    client, _code = waiting
    assert shown(client) == ("passkey", ["otp", "recovery_code"])
    assert shown(client, "otp") == ("otp", ["passkey", "recovery_code"])
    assert shown(client, "recovery_code") == ("recovery_code", ["passkey", "otp"])
    assert shown(client, "pwd") == ("passkey", ["otp", "recovery_code"]), "what isn't asked for is no way"


def test_a_wrong_code_stays_with_the_way_that_was_chosen(waiting):
    client, _code = waiting
    ours = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
    wrong = client.post(HERE + "?method=otp", data={"method": "otp", "code": "000000"}, headers=ours)
    assert (wrong.status_code, 'name="method" value="otp"' in wrong.text) == (401, True)


def test_any_of_them_opens_the_session(waiting, key):
    client, _code = waiting
    assert answer_with(client, key).status_code == 200


def test_so_does_the_last(waiting):
    client, code = waiting
    assert answer(client, code, "recovery_code").status_code == 200
