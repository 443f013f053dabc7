"""A step on the road that is taken by reading one's mail: a login that waits, or a session that has gone stale."""

from __future__ import annotations

from housekey import login
from housekey.capabilities.links import actions as links
from housekey.capabilities.links import proofs
from housekey.capabilities.links.actions import WRONG_CODE, Link
from housekey.capabilities.verification import actions as verification
from housekey.errors import InvalidCredentials, InvalidInput, InvalidLink
from housekey.house import House, Unit
from housekey.login import Attempt, Outcome
from housekey.store import users
from housekey.store.users import UserFacts


def go_on(house: House, attempt: Attempt, link: Link | None) -> Outcome:
    """By the link whose code was typed; None: by a wrong one. Counted like a password.

    Raises `InvalidInput` for `code` (wrong, too old, locked, disabled and changed are one answer), `TooManyAttempts`.
    """
    try:
        with login.equal_time(house):
            proved = login.prove(house, attempt, proofs.METHOD, proofs.checking(link))
            user = house.run(lambda unit: _spend(unit, link))
            return login.advance(house, proved.with_user(user))
    except (InvalidCredentials, InvalidLink):
        raise InvalidInput.of("code", "wrong_code", WRONG_CODE) from None


def _spend(unit: Unit, link: Link | None) -> UserFacts | None:
    """Of parallel bearers of one code exactly one gets on."""
    user = links.spend(unit, link) if link is not None else None
    if link is None or user is None:
        raise InvalidLink()
    verification.mark(unit, user.id, str(link.email))
    return users.by_id(unit.session, unit.schema, user.id)
