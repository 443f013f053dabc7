"""What a login costs, and how much of that is the password hash."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Response

from benchmarks.measure import AGENT
from benchmarks.subjects import EMAIL, PASSWORD, blank

LOGINS = 40
WARM_UP = 5


def login_costs(url: str) -> dict[str, float]:
    """CPU milliseconds: of a whole login, of its hash, and of the rest. The hash is timed inside each login, so that
    the rest is what that very login took beside it, with the caches as cold as hashing leaves them."""
    app = _app(url)
    hashing = _timed_hashing(app)
    environ = _registered(app)
    logins = []
    for _ in range(WARM_UP + LOGINS):
        hashing.clear()
        whole = _spent(lambda: _log_in(app, environ))
        logins.append((whole, sum(hashing), whole - sum(hashing)))
    whole, hashed, rest = (statistics.median(part) for part in zip(*logins[WARM_UP:], strict=True))
    return {"login": whole, "hash": hashed, "rest": rest}


def _app(url: str) -> Flask:
    from housekey import Housekey

    app = blank("logins", url)
    app.config.update(
        HOUSEKEY_THROTTLING_NETWORK_TRIES=10_000,
        HOUSEKEY_THROTTLING_NETWORK_REQUESTS=10_000,
        HOUSEKEY_CREATE_TABLES=True,
        HOUSEKEY_REGISTRATION_VERIFICATION="off",
    )
    app.testing = True
    Housekey(app)
    return app


def _timed_hashing(app: Flask) -> list[float]:
    """What each check of a password takes from now on is added to this list."""
    from housekey.capabilities.passwords.actions import Vault

    hasher = app.extensions["housekey"].house.service(Vault).hasher
    verify, spent = type(hasher).verify, list[float]()

    def timed(self: Any, stored: Any, password: str) -> bool:
        began = time.process_time()
        right = verify(self, stored, password)
        spent.append((time.process_time() - began) * 1000)
        return bool(right)

    type(hasher).verify = timed
    return spent


def _registered(app: Flask) -> dict[str, Any]:
    """What a browser sends that is known, and logs in anew."""
    client, known = app.test_client(), app.extensions["housekey"].cookies
    answer = client.post("/account/api/register", json={"email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 201, answer.text
    cookie = client.get_cookie(known.device)
    headers = {"Cookie": f"{cookie.key}={cookie.value}", "User-Agent": AGENT}
    body = {"identifier": EMAIL, "password": PASSWORD}
    return EnvironBuilder("/account/api/login", method="POST", headers=headers, json=body).get_environ()


def _log_in(app: Flask, environ: dict[str, Any]) -> None:
    """Through the WSGI callable; the browser keeps the new token of its device."""
    environ["wsgi.input"].seek(0)
    answer = Response.from_app(app, dict(environ))
    assert answer.status_code == 200, answer.get_data()
    [device] = [line.partition(";")[0] for line in answer.headers.getlist("Set-Cookie") if "-device=" in line]
    environ["HTTP_COOKIE"] = device


def _spent(act: Callable[[], None]) -> float:
    began = time.process_time()
    act()
    return (time.process_time() - began) * 1000
