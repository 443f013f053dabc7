"""The four functions behind every stored hash, each within bounds.

A stored hash names its own cost. One that asks for eight gigabytes or an hour, planted or mistaken, is refused
instead of computed. The bounds admit the strongest parameters that the origins' own documents name.
Every function answers whether `password` fits, compares in constant time, and raises `ValueError` for
costs out of bounds.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from housekey.errors import Busy, ConfigurationError

MOST_ARGON2_MEMORY: Final = 2 * 1024 * 1024
"""KiB: 2 GiB, RFC 9106 §4, first recommended option."""
MOST_ARGON2_WORK: Final = 4 * 1024 * 1024
"""KiB times passes: libsodium's "sensitive", 1 GiB in four passes; some seconds."""
MOST_ARGON2_LANES: Final = 16
MOST_SCRYPT_WORK: Final = 2**22
"""n times r times p: four times OWASP's n=2^17, r=8, p=1; at most 512 MiB."""
MOST_PBKDF2_ROUNDS: Final = 5_000_000
"""Four times Django 6's 1,200,000."""
MOST_BCRYPT_COST: Final = 15
"""Two seconds; Django and Flask-Bcrypt use 12."""
BCRYPT_BYTES: Final = 72
"""bcrypt never reads more; its library refuses more since 5.0 where it used to cut."""
SHORTAGES: Final = ("Memory allocation error", "Threading failure")
"""What libargon2 says when the machine has no more to give."""


def argon2(phc: str, password: bytes, *, memory: int, passes: int, lanes: int) -> bool:
    """Whether `password` fits an argon2 string, whose costs the caller has read out of it."""
    _bound(memory, MOST_ARGON2_MEMORY)
    _bound(memory * passes, MOST_ARGON2_WORK)
    _bound(lanes, MOST_ARGON2_LANES)
    from argon2.exceptions import VerificationError
    from argon2.low_level import Type, verify_secret

    kind = {"i": Type.I, "d": Type.D, "id": Type.ID}[phc.split("$")[1].removeprefix("argon2")]
    try:
        return verify_secret(phc.encode("ascii"), password, kind)
    except VerificationError as error:
        if str(error).startswith(SHORTAGES):
            # Not a wrong password: nobody may be locked out because the server is short of memory.
            raise Busy from error
        return False


def scrypt(password: bytes, salt: bytes, expected: bytes, *, n: int, r: int, p: int) -> bool:
    """Whether `password` fits (RFC 7914)."""
    _bound(n * r * p, MOST_SCRYPT_WORK)
    memory = 128 * r * (n + p + 2) + 2**16
    digest = hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=memory, dklen=len(expected))
    return hmac.compare_digest(digest, expected)


def pbkdf2(algorithm: str, password: bytes, salt: bytes, expected: bytes, *, rounds: int) -> bool:
    """Whether `password` fits (RFC 8018 §5.2)."""
    _bound(rounds, MOST_PBKDF2_ROUNDS)
    digest = hashlib.pbkdf2_hmac(algorithm, password, salt, rounds, len(expected))
    return hmac.compare_digest(digest, expected)


def bcrypt(stored: str, password: bytes, *, cost: int) -> bool:
    """Whether `password` fits. Raises `ConfigurationError` where the extra is missing."""
    _bound(cost, MOST_BCRYPT_COST)
    try:
        import bcrypt as library
    except ImportError:
        raise ConfigurationError(
            'Stored passwords are bcrypt hashes, which need an extra: pip install "housekey[bcrypt]"'
        ) from None
    return library.checkpw(password[:BCRYPT_BYTES], stored.encode("ascii"))


def _bound(value: int, most: int) -> None:
    if not 1 <= value <= most:
        raise ValueError("a stored hash asks for a cost out of bounds")
