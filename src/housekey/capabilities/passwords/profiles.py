"""Named parameters of argon2id, from cheap to strong.

Times are of one hash on one core of an AMD EPYC server; `flask housekey doctor` measures them on yours.
A profile can be changed at any time: a hash of another profile still verifies, and is made anew at the next login.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ProfileName = Literal["light", "standard", "strong", "cheap"]

SALT_BYTES: Final = 16
"""128 bits (RFC 9106 §3.1); NIST SP 800-63B-4 §3.1.1.2 asks for at least 32."""
HASH_BYTES: Final = 32
"""256 bits (RFC 9106 §4)."""


@dataclass(frozen=True)
class Profile:
    """Parameters of argon2id; `memory` in KiB. One lane: the pool runs several hashes side by side instead."""

    name: ProfileName
    memory: int
    passes: int
    lanes: int = 1
    only_for_tests: bool = False


PROFILES: Final[dict[str, Profile]] = {
    # 20 ms. The floor: OWASP Password Storage Cheat Sheet, m=19456, t=2, p=1.
    "light": Profile("light", memory=19_456, passes=2),
    # 50 ms. The floor's two passes over 1.7 times its memory.
    "standard": Profile("standard", memory=32_768, passes=2),
    # 145 ms. Memory and passes of RFC 9106 §4, second recommended option, in one lane.
    "strong": Profile("strong", memory=65_536, passes=3),
    # 0.1 ms, and as quick to crack: an app that isn't under test must refuse it.
    "cheap": Profile("cheap", memory=64, passes=1, only_for_tests=True),
}
