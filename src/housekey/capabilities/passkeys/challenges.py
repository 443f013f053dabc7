"""Challenges: what an authenticator signs, once, for one purpose of one browser, attempt or session.

Nothing is kept of one that is out. It bears its own seal: random bytes, its end, and an HMAC over both and over what it
is bound to. So a stranger who opens the login page a million times fills no table, and several open tabs don't get in
each other's way, as they would with one challenge in a cookie. The cookie that binds it before any proof holds but a
random token of the browser. Only one that was answered rightly becomes a row: it is spent.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

import sqlalchemy as sa

from housekey.house import House, Unit
from housekey.kernel import clock
from housekey.kernel.tokens import digest
from housekey.login.settings import LoginSettings

NONCE_BYTES = 16
"""WebAuthn §13.4.3 asks for 16 at least."""
END_BYTES = 8
_HEAD = NONCE_BYTES + END_BYTES
LENGTH = _HEAD + 32


@dataclass(frozen=True)
class Scope:
    """What a challenge is for, and whom it is bound to: one made for another purpose, or given to another browser,
    attempt, session or user, is worthless here (flaw 36)."""

    purpose: str
    bound_to: tuple[str, ...] = field(repr=False)

    def told(self, head: bytes) -> str:
        """Each part with its length before it, so that no two lists of parts become one text."""
        parts = (self.purpose, *self.bound_to, head.hex())
        return "passkey|" + "|".join(f"{len(part)}:{part}" for part in parts)


def issue(house: House, scope: Scope) -> bytes:
    """A new challenge; lives as long as a login may wait."""
    ends = clock.now() + house.settings[LoginSettings].attempt_lifetime
    head = secrets.token_bytes(NONCE_BYTES) + int(ends.timestamp()).to_bytes(END_BYTES, "big")
    return head + house.keyed_digest(scope.told(head))


def holds(house: House, scope: Scope, challenge: bytes) -> bool:
    """Whether it was issued here for this and hasn't expired. Whether it is spent, `spend` finds out."""
    head, seal = challenge[:_HEAD], challenge[_HEAD:]
    ours = [hmac.compare_digest(seal, right) for right in house.keyed_digests(scope.told(head))]
    return len(challenge) == LENGTH and any(ours) and _end(challenge) > clock.now().timestamp()


def spend(unit: Unit, challenge: bytes) -> None:
    """Use it up. Of two parallel spenders the second gets `IntegrityError`."""
    ends = datetime.fromtimestamp(_end(challenge), UTC)
    row = {"digest": digest(challenge.hex()), "expires_at": ends}
    unit.execute(sa.insert(unit.tables["spent_challenges"]).values(row))


def nonce(challenge: bytes) -> bytes:
    return challenge[:NONCE_BYTES]


def _end(challenge: bytes) -> int:
    return int.from_bytes(challenge[NONCE_BYTES:_HEAD], "big")
