"""Logging in with a password."""

from __future__ import annotations

from housekey import login
from housekey.capabilities.passwords import actions as passwords
from housekey.house import House
from housekey.kernel.secret import Secret
from housekey.login import Client, Complete, Outcome


def log_in(
    house: House,
    client: Client,
    *,
    identifier: str,
    password: Secret,
    remember: bool = False,
    target: str | None = None,
) -> Outcome:
    """A session, or the next challenge. Raises `InvalidCredentials`, `TooManyAttempts` or `Busy`.

    Unknown, wrong, disabled and locked answer alike, after the same work and time.
    """
    with login.equal_time(house):
        attempt = login.begin(house, client, identifier=identifier, remember=remember, target=target)
        attempt = login.prove(house, attempt, passwords.METHOD, check := passwords.Checking(house, password))
        outcome = login.advance(house, attempt)
    if isinstance(outcome, Complete):
        passwords.upgrade(house, outcome.user.id, check)
    return outcome
