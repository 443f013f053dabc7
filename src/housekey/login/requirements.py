"""What must hold before a session may open, as one ordered list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from housekey.errors import InvalidCredentials
from housekey.login.attempt import Attempt, Challenge
from housekey.login.proof import HOST
from housekey.store.host_word import lets_in

if TYPE_CHECKING:
    from housekey.house import House


class Requirement(Protocol):
    """Answers the challenge to ask for, None if it holds, or raises `Refused`. `challenges`, if there, are the types of
    those that it may ask for."""

    name: str

    def check(self, house: House, attempt: Attempt) -> Challenge | None: ...


class AccountUsable:
    """The account exists, is neither disabled nor frozen, and at least one proof names its user.

    Every other grant (a parked attempt, an API token, remember-me) passes this each time it is used.
    """

    name = "account_usable"

    def check(self, house: House, attempt: Attempt) -> Challenge | None:
        user = attempt.user
        if user is None or user.is_shut or not attempt.proofs:
            raise InvalidCredentials()
        if any(proof.user_id != user.id for proof in attempt.proofs):
            raise InvalidCredentials()
        return None


class HostLetsIn:
    """The host's own `User.is_active` isn't false. A host that calls `login_user` has asked that itself, or has said
    `force=True`."""

    name = "host_lets_in"

    def check(self, house: House, attempt: Attempt) -> Challenge | None:
        asked_already = any(proof.method == HOST for proof in attempt.proofs)
        if not asked_already and attempt.user is not None and not lets_in(house.store, attempt.user.id):
            raise InvalidCredentials()
        return None


def every(house: House) -> tuple[Requirement, ...]:
    """All that must hold in this app, in the order in which it is asked."""
    return (*OURS, *house.requirements)


def first_challenge(house: House, attempt: Attempt) -> Challenge | None:
    """Walk the list; the first requirement that doesn't hold says what to ask for."""
    for requirement in every(house):
        challenge = requirement.check(house, attempt)
        if challenge is not None:
            return challenge
    return None


def described(house: House) -> list[dict[str, Any]]:
    """The requirements as data, in their order, for docs and for `explain-login`."""
    return [
        {"name": requirement.name, "doc": (type(requirement).__doc__ or "").strip()} for requirement in every(house)
    ]


ACCOUNT_USABLE = AccountUsable()
OURS: tuple[Requirement, ...] = (ACCOUNT_USABLE, HostLetsIn())
