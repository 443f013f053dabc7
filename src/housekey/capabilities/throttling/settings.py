"""How many tries, from where, and what a wall of them does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from housekey.settings import setting


@dataclass(frozen=True)
class ThrottlingSettings:
    """`HOUSEKEY_THROTTLING_…`. Failures are counted per account and method, apart for each browser that has logged in
    to the account before; all other browsers share one count, so a stranger's guesses never lock the owner out of
    the owner's own browser."""

    section = "throttling"

    lock_after: int = setting(5, "Failures in a row that lock, and each further so many again.", at_least=1)
    lock_for: timedelta = setting(
        timedelta(minutes=15), "How long the first lock lasts; each further one twice as long.", source="ASVS 6.3.1"
    )
    lock_at_most: timedelta = setting(timedelta(hours=24), "How long a lock lasts at most.")
    forget_after: timedelta = setting(
        timedelta(hours=24), "After so long without a try, locks begin with the shortest again."
    )
    close_after: int = setting(
        100,
        "Failures in a row after which the password is closed to that browser, or to all unknown ones, until it is "
        "reset; logging in elsewhere doesn't open it.",
        source="NIST SP 800-63B-4 §3.2.2",
        at_least=1,
        at_most=100,
    )
    network_tries: int = setting(
        100, "Logins that one network (an IPv4 address, an IPv6 /64) may try per window, right or wrong.", at_least=1
    )
    network_window: timedelta = setting(timedelta(minutes=10), "That window; it moves with the clock.")
    network_requests: int = setting(
        20, "Costly requests that are no logins, such as registrations, per network and window.", at_least=1
    )
    network_requests_window: timedelta = setting(timedelta(hours=1), "That window.")
