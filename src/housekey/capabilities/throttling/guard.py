"""The guard on the road: network limits first, then the account's own locks, in one transaction before the check."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from housekey.capabilities.throttling import alarm, counters, windows
from housekey.capabilities.throttling.events import AccountLocked
from housekey.capabilities.throttling.locks import Count
from housekey.capabilities.throttling.settings import ThrottlingSettings
from housekey.errors import TooManyAttempts
from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.tokens import digest
from housekey.login import Attempt, Client
from housekey.login.pipeline import identifier_hmac

LOGIN = "login"
UNKNOWN = "unknown"


class ThrottlingGuard:
    """Counts each try before it is checked, so that parallel guesses can't race past a limit."""

    def admit(self, house: House, client: Client, action: str) -> None:
        """A costly request that is no login, or the asking for one by mail."""
        settings = house.settings[ThrottlingSettings]
        limit, length = settings.network_requests, settings.network_requests_window
        if action == LOGIN:
            limit, length = settings.network_tries, settings.network_window
        if client.network is None:
            return
        keys = house.keyed_digests(f"network|{action}|{client.network}")
        try:
            house.run(lambda unit: windows.enter(unit, keys, limit, length))
        except TooManyAttempts:
            alarm.tell(house, client.network, action)
            raise

    def charge(self, house: House, attempt: Attempt, method: str) -> bool:
        try:
            return house.run(lambda unit: self._charge(unit, attempt, method))
        except TooManyAttempts:
            alarm.tell(house, str(attempt.client.network), LOGIN)
            raise

    def _charge(self, unit: Unit, attempt: Attempt, method: str) -> bool:
        settings, network = unit.house.settings[ThrottlingSettings], attempt.client.network
        if network is not None:
            keys = unit.house.keyed_digests(f"network|{LOGIN}|{network}")
            windows.enter(unit, keys, settings.network_tries, settings.network_window)
        moment, locked = clock.now(), False

        def count(before: Count) -> Count | None:
            nonlocal locked
            locked = before.is_locked(moment, settings)
            return None if locked else before.charged(moment, settings)

        counters.change(unit, pool_key(unit.house, attempt, method), _user_id(attempt), method, count)
        return locked

    def refund(self, house: House, attempt: Attempt, method: str) -> None:
        settings, key = house.settings[ThrottlingSettings], pool_key(house, attempt, method)
        house.run(lambda unit: counters.change(unit, key, _user_id(attempt), method, lambda c: c.refunded(settings)))

    def refused(self, house: House, attempt: Attempt, method: str) -> None:
        """The try has failed: if it was the one that locks, this is told, also for a name that nobody bears: the two
        must not differ in their work (flaw 11)."""
        settings, key = house.settings[ThrottlingSettings], pool_key(house, attempt, method)
        if not house.events.hears(AccountLocked):
            return

        def tell(unit: Unit) -> None:
            tell_of = partial(self._tell, unit, attempt, method, settings=settings)
            counters.change(unit, key, _user_id(attempt), method, tell_of)

        house.run(tell)

    def _tell(
        self, unit: Unit, attempt: Attempt, method: str, count: Count, *, settings: ThrottlingSettings
    ) -> Count | None:
        just_closed = count.in_row == settings.close_after
        if not just_closed and (count.failures % settings.lock_after or not count.locked_until):
            return None
        until: datetime | None = None if just_closed else count.locked_until
        unit.publish(
            AccountLocked(
                user_id=_user_id(attempt),
                method=method,
                known_device=attempt.device is not None,
                until=until,
                address=attempt.client.address,
                identifier_hmac=identifier_hmac(unit.house, attempt),
                at=clock.now(),
            )
        )
        return None

    def clear(self, unit: Unit, attempt: Attempt) -> None:
        """Only what stood against this user in this browser, for the methods proved (flaws 15 and 57)."""
        for proof in attempt.proofs:
            counters.forget(unit, pool_key(unit.house, attempt, proof.method))


def pool_key(house: House, attempt: Attempt, method: str) -> bytes:
    """Which count a try falls under: the method, the account (or the name that nobody bears), and the browser. A
    live session counts for itself: strangers can't lock its owner out of confirming. Not for what comes second: where
    a trusted browser logs in without it, each new session would bring new tries.

    What stands against a user holds whatever becomes of the SECRET_KEY; the row names the user anyway.
    """
    comes_first = not attempt.proofs or attempt.proofs[0].method == method
    browser = (attempt.session_id if comes_first else None) or attempt.device or UNKNOWN
    told = f"count|{method}|{attempt.subject}|{browser}"
    return house.keyed_digest(told) if attempt.user is None else digest(told)


def _user_id(attempt: Attempt) -> object:
    return attempt.user.id if attempt.user else None
