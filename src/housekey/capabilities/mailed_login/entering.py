"""From a link or a code of a mail to a session, on the one road."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from housekey import login
from housekey.capabilities.links import actions as links
from housekey.capabilities.links import proofs
from housekey.capabilities.links.actions import WRONG_CODE, Link
from housekey.capabilities.passwords import actions as passwords
from housekey.capabilities.passwords.stored import stored_hash
from housekey.capabilities.verification import actions as verification
from housekey.errors import InvalidCredentials, InvalidInput, InvalidLink
from housekey.house import House, Unit
from housekey.kernel.shown import Shown
from housekey.login import Attempt, Client, Outcome
from housekey.store import users
from housekey.store.users import UserFacts

BegunWith = Mapping[str, Any]


def by_link(house: House, client: Client, link: Link, begun_with: BegunWith) -> Outcome:
    """For a link that was found by its token. Raises `InvalidLink`."""
    attempt = login.begin(house, client, user_id=link.user_id, **begun_with)
    try:
        return _enter(house, attempt, link, attempt.with_proof(proofs.mail_was_read(link.user_id)))
    except InvalidCredentials:
        raise InvalidLink() from None


def by_code(
    house: House, client: Client, purpose: str, shows: Shown, begun_with: Callable[[Link], BegunWith]
) -> Outcome:
    """For a code that was typed. Counted like a password, for the account that it was mailed to or, where nobody bears
    the address, for that. Raises `InvalidInput` for `code`, and `TooManyAttempts`."""
    found = links.find_by_code(house, purpose, shows.asker, shows.code or "")
    link = found or links.waiting(house, purpose, None, shows.asker)
    try:
        with login.equal_time(house):
            if link is None:
                login.admit(house, client, "code")
                raise InvalidCredentials()
            name = "" if link.user_id is not None else link.recipient.hex()
            attempt = login.begin(house, client, user_id=link.user_id, identifier=name, **begun_with(link))
            proved = login.prove(house, attempt, proofs.METHOD, proofs.checking(found))
            return _enter(house, attempt, link, proved)
    except (InvalidCredentials, InvalidLink):
        raise InvalidInput.of("code", "wrong_code", WRONG_CODE) from None


def _enter(house: House, attempt: Attempt, link: Link, proved: Attempt) -> Outcome:
    """Of parallel bearers of one mail exactly one comes here to an end; the requirements come after."""
    taken_over = _was_begun_by_others(house, attempt)
    try:
        user = house.run(lambda unit: _spend(unit, attempt, link, taken_over))
    except InvalidLink as refusal:
        login.record_refusal(house, attempt, proofs.METHOD, refusal.code)
        raise
    return login.advance(house, proved.with_user(user))


def _was_begun_by_others(house: House, attempt: Attempt) -> bool:
    """Whoever began an account without showing the address may not be its owner (flaw 27). The browser that the account
    was used in before is: it has just shown that its person reads the mail."""
    user = attempt.user
    if user is None or user.email_verified_at is not None or attempt.device is not None:
        return False
    return user.last_login_at is not None or stored_hash(house, user.id) is not None


def _spend(unit: Unit, attempt: Attempt, link: Link, taken_over: bool) -> UserFacts | None:
    user = links.spend(unit, link, apart=attempt.device or "")
    if user is None or user.is_shut:
        raise InvalidLink()
    if taken_over:
        passwords.remove(unit, user.id, by="takeover")
    verification.mark(unit, user.id, str(link.email), took_over=taken_over)
    return users.by_id(unit.session, unit.schema, user.id)
