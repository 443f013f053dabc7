"""A password that is chosen inside a login, beside a key that doesn't verify its holder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from housekey.capabilities.passwords import actions
from housekey.capabilities.passwords.actions import METHOD
from housekey.errors import InvalidCredentials, InvalidInput
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.secret import Secret
from housekey.login import Attempt, Given, Kind, Proof
from housekey.store import users


def begin(_unit: Unit, _attempt: Attempt) -> None:
    """Nothing is kept before it is chosen."""


def shown(house: House, attempt: Attempt) -> Mapping[str, Any]:
    """How long it must be."""
    return {"min_length": actions.least_for(house, attempt.user.id if attempt.user else None)}


class FirstPassword:
    """The password that was chosen. What is wrong with it is told at once, and is no try. Raises `InvalidInput` for
    `code`."""

    def __init__(self, house: House, attempt: Attempt, given: Given) -> None:
        assert attempt.user is not None  # parked
        self._house, self._new = house, given.code or Secret("")
        self._hash = ""
        least = actions.least_for(house, attempt.user.id)
        if faults := actions.judge(house, self._new, actions.words_of(attempt.user), least=least):
            raise InvalidInput({"code": faults})

    def __call__(self, attempt: Attempt) -> Proof:
        assert attempt.user is not None  # parked
        self._hash = actions.hashed(self._house, self._new, attempt.client.network)
        return Proof(attempt.user.id, METHOD, Kind.KNOWLEDGE, clock.now())

    def enrol(self, unit: Unit, attempt: Attempt, _name: str) -> None:
        """Under the lock that every change of the account takes. Raises `InvalidCredentials` if it has changed
        meanwhile: another login may have set one."""
        assert attempt.user is not None  # proved
        user = users.lock(unit.session, unit.schema, attempt.user.id)
        if user is None or user.is_shut or user.security_version != attempt.user.security_version:
            raise InvalidCredentials()
        short = actions.is_too_short_alone(self._house, self._new)
        actions.replace(unit, user.id, self._hash, by="user", keep_device=attempt.device, short=short)
