"""What a guard on the road is asked. The capability `throttling` is one; a host may add its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from housekey.login.attempt import Attempt, Client

if TYPE_CHECKING:
    from housekey.house import House, Unit


class Guard(Protocol):
    """Judges tries before the check and counts them before it, so that parallel guesses can't race past a limit."""

    def admit(self, house: House, client: Client, action: str) -> None:
        """Count one costly request that is no login, such as a registration. Raises `TooManyAttempts`."""

    def charge(self, house: House, attempt: Attempt, method: str) -> bool:
        """Count one try. True: locked, so nothing is counted, and the method does the same work and refuses.

        Raises `TooManyAttempts` for limits of the caller's network, before any costly work.
        """

    def refund(self, house: House, attempt: Attempt, method: str) -> None:
        """The check never took place (`Busy`): the try doesn't count."""

    def refused(self, house: House, attempt: Attempt, method: str) -> None:
        """The check has failed, or no login may follow it."""

    def clear(self, unit: Unit, attempt: Attempt) -> None:
        """The login is complete: what stood against this user's own tries ends, in the issuer's transaction."""
