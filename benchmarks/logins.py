"""What a login costs, and how much of that is the password hash."""

from __future__ import annotations

import statistics
import time
from typing import Any

from benchmarks.subjects import EMAIL, PASSWORD, blank

LOGINS = 25


def login_costs(url: str) -> dict[str, float]:
    """CPU milliseconds: of a whole login, of its hash alone, and of the rest."""
    from housekey import Housekey
    from housekey.capabilities.passwords.actions import Vault
    from housekey.capabilities.passwords.stored import stored_hash

    app = blank("logins", url)
    app.config.update(
        HOUSEKEY_THROTTLING_NETWORK_TRIES=10_000,
        HOUSEKEY_THROTTLING_NETWORK_REQUESTS=10_000,
        HOUSEKEY_CREATE_TABLES=True,
        HOUSEKEY_REGISTRATION_VERIFICATION="off",
    )
    app.testing = True
    Housekey(app)
    client = app.test_client()
    assert client.post("/account/api/register", json={"email": EMAIL, "password": PASSWORD}).status_code == 201
    house = app.extensions["housekey"].house
    hasher = house.service(Vault).hasher
    stored = stored_hash(house, 1)

    def log_in() -> Any:
        client.delete_cookie(app.extensions["housekey"].cookies.session)  # logged out, in a browser that is known
        answer = client.post("/account/api/login", json={"identifier": EMAIL, "password": PASSWORD})
        assert answer.status_code == 200, answer.text

    whole, alone = [], []
    for _ in range(LOGINS):
        whole.append(_spent(log_in))
        alone.append(_spent(lambda: hasher.verify(stored, PASSWORD)))
    login, hashing = statistics.median(whole), statistics.median(alone)
    return {"login": login, "hash": hashing, "rest": login - hashing}


def _spent(act: Any) -> float:
    began = time.process_time()
    act()
    return (time.process_time() - began) * 1000
