"""Short codes that a person types from a mail into the browser that asked for it."""

from __future__ import annotations

import secrets

from housekey.house import House

ALPHABET = "ACDEFGHJKMNPQRTVWXY34679"
"""Without look-alikes: no 0 O, 1 I L, 2 Z, 5 S, 8 B, U."""
LENGTH = 8
"""24^8 is 37 bits: at five tries, one guesser in 22 thousand million succeeds (NIST SP 800-63B-4 §3.1.3.2: 20 bits)."""


def new_code() -> str:
    """A code as it is kept, in capitals without a dash."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def shown(code: str) -> str:
    """In two groups, as it is easiest to carry over: `ACDE-FGHJ`."""
    half = LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def normal(typed: str) -> str:
    """What a person has typed, spaces, dashes and small letters forgiven."""
    return "".join(typed.split()).replace("-", "").replace("\u2013", "").upper()


def digests(house: House, link_id: str, code: str) -> list[bytes]:
    """As it is stored: bound to its link, and under the key of the site, since 37 bits could be searched. Under the
    newest key first; a code that was mailed before the key changed is stored under another."""
    return house.keyed_digests(f"code|{link_id}|{code}")
