"""The verbs that log in with a passkey, and that prove again who one is."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Any

from housekey import login
from housekey.capabilities.factors import actions as factors
from housekey.capabilities.factors.enrolling import NOT_ASKED
from housekey.capabilities.passkeys import challenges, kept, options
from housekey.capabilities.passkeys.ceremonies import Credential
from housekey.capabilities.passkeys.challenges import Scope
from housekey.capabilities.passkeys.kept import METHOD
from housekey.capabilities.passkeys.options import RequestOptions
from housekey.capabilities.passkeys.party import party_of
from housekey.capabilities.passkeys.proving import WRONG, Checking, found_by, second_step
from housekey.capabilities.reopening import actions as reopening
from housekey.errors import InvalidCredentials, InvalidInput
from housekey.house import House
from housekey.login import Attempt, Client, Outcome, Purpose


def logging_in(browser: str | None) -> Scope:
    """Before any proof a challenge is bound to the browser, by a random cookie of its own."""
    return Scope("login", (browser or "",))


def stepping_up(user_id: Any, session_id: str | None) -> Scope:
    return Scope("step_up", (str(session_id), str(user_id)))


def login_options(house: House, browser: str) -> RequestOptions:
    """For nobody yet: no passkey is listed, so nobody learns who has one. Raises `Forbidden`."""
    return options.request(party_of(house), challenges.issue(house, logging_in(browser)))


def own_options(house: House, scope: Scope, user_id: Any, only: Container[str] | None = None) -> RequestOptions:
    """For somebody who is known, with that person's passkeys, or `only` these. Raises `Forbidden`."""
    with house.read() as connection:
        has = [one for one in kept.of(connection, house.store.schema, user_id) if only is None or one.id in only]
    return options.request(party_of(house), challenges.issue(house, scope), has)


def second_step_options(house: House, attempt: Attempt) -> RequestOptions:
    """For a login that waits for it. Raises `Forbidden`, and `InvalidInput` for one that doesn't."""
    if METHOD not in {factor.method for factor in factors.asked(house, attempt)} or attempt.user is None:
        raise InvalidInput.of("method", "not_a_choice", NOT_ASKED)
    return own_options(house, second_step(attempt), attempt.user.id)


def reopening_options(house: House, client: Client, token: str | None) -> RequestOptions:
    """For the owner of a frozen account, with the passkeys from before. Raises `Forbidden`, `InvalidLink`, and
    `InvalidInput` where there are none."""
    asked = reopening.asked(house, client, token, METHOD)
    return own_options(house, second_step(asked.attempt), asked.undo.user.id, asked.ids)


def log_in(
    house: House, client: Client, credential: Credential, *, browser: str | None, remember: bool = False,
    target: str | None = None,
) -> Outcome:  # fmt: skip
    """A session, or the next challenge, for whoever the passkey says it is.

    Unknown, wrong, replayed, from another page, locked and disabled are one `InvalidCredentials`. Tries are counted
    for the passkey's owner; where nobody has it, for the network. Raises `Forbidden` and `TooManyAttempts`.
    """
    party_of(house)
    with _as_wrong(house):
        passkey = found_by(house, credential)
        attempt = login.begin(
            house, client, user_id=passkey.user_id if passkey else None, remember=remember, target=target
        )
        if passkey is None or attempt.user is None:
            login.admit(house, client, "login")
            login.record_refusal(house, attempt, METHOD, InvalidCredentials.code)
            raise InvalidCredentials()
        check = Checking(house, credential, lambda _attempt: logging_in(browser), names_owner=True)
        return login.advance(house, login.prove(house, attempt, METHOD, check))


def reauthenticate(
    house: House, client: Client, credential: Credential, *, user_id: Any, session_id: str, target: str | None = None
) -> Outcome:
    """The same person proves again: the session gets a new token and a new `auth_time`. Raises `Forbidden`,
    `InvalidCredentials` and `TooManyAttempts`; tries count as at login."""
    party_of(house)
    with _as_wrong(house):
        attempt = login.begin(
            house, client, user_id=user_id, purpose=Purpose.STEP_UP, session_id=session_id, target=target
        )
        check = Checking(house, credential, lambda _attempt: stepping_up(user_id, session_id))
        return login.advance(house, login.prove(house, attempt, METHOD, check))


@contextmanager
def _as_wrong(house: House) -> Iterator[None]:
    """One text for all that is wrong, after one time."""
    try:
        with login.equal_time(house):
            yield
    except InvalidCredentials:
        raise InvalidCredentials(WRONG) from None
