"""A phone with an authenticator app, for tests; its codes are worked out apart from Housekey's own."""

from __future__ import annotations

import base64
import hmac
import time
from typing import Any

from flask.testing import FlaskClient

from housekey.kernel import clock
from rig.apps import log_in


class Phone:
    """Shows the codes of one seed, by the clock of the test."""

    def __init__(self, secret: str) -> None:
        self.secret, self.id = secret, ""
        self._seed = base64.b32decode(secret + "=" * (-len(secret) % 8))

    def code(self, steps: int = 0, room: float = 3) -> str:
        """What it shows now, or so many steps of 30 seconds later. A code of the step before is given only when `room`
        seconds are left to type it in: the next step finds it too old."""
        left = 30 - clock.now().timestamp() % 30
        time.sleep(left if steps < 0 and left < room else 0)
        step = this_step() + steps
        digest = hmac.new(self._seed, step.to_bytes(8, "big"), "sha1").digest()
        low = digest[19] % 16
        return str(int.from_bytes(digest[low : low + 4], "big") % 2**31)[-6:].zfill(6)


def this_step() -> int:
    return int(clock.now().timestamp()) // 30


def begun(client: FlaskClient) -> Phone:
    """A phone whose app has read the key; nothing is confirmed yet."""
    answer = client.post("/account/api/totp")
    assert answer.status_code == 201, answer.text
    made: Any = answer.json
    phone = Phone(made["secret"])
    phone.id = made["id"]
    return phone


def with_phone(client: FlaskClient, steps: int = -1) -> Phone:
    """Enrol one in this browser, which is freshly logged in. Its first code is the one of the step before, so that the
    one that it shows now still works."""
    phone = begun(client)
    answer = confirm(client, phone, phone.code(steps))
    assert answer.status_code == 200, answer.text
    return phone


def confirm(client: FlaskClient, phone: Phone, code: str, **more: str) -> Any:
    return client.post(f"/account/api/totp/{phone.id}/confirm", json={"code": code, **more})


def answer(client: FlaskClient, code: str, method: str = "otp") -> Any:
    """The second step of a login, as JSON."""
    return client.post("/account/api/login/challenge", json={"method": method, "code": code})


def logged_in_with(app: Any, phone: Phone, **login: Any) -> FlaskClient:
    """A browser that has just logged in by both steps."""
    client: FlaskClient = app.test_client()
    assert log_in(client, **login).status_code == 202
    done = answer(client, phone.code())
    assert done.status_code == 200, done.text
    return client
