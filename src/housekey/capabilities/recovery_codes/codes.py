"""Recovery codes: random, kept as hashes, each compared by one hash of what was typed."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from housekey.capabilities.passwords.profiles import HASH_BYTES, SALT_BYTES, Profile
from housekey.errors import Busy

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O and U, which are taken for others."""
TAKEN_FOR = str.maketrans("OIL", "011")
LENGTH = 16
"""80 bits (NIST SP 800-63B-4 §3.1.2.2 asks for a salted hash below 112)."""
GROUP = 4
HOW_MANY = 10
LONGEST_TYPED = 64
"""Characters that are looked at, blanks and dashes included."""


@dataclass(frozen=True)
class Recipe:
    """How the codes of one set are hashed: with one salt, so that a try costs one hash and not ten. They are random,
    so two of them are never equal, and a table made beforehand would have to be made for each set."""

    salt: bytes = field(repr=False)
    memory: int
    passes: int
    lanes: int

    @classmethod
    def of(cls, profile: Profile) -> Recipe:
        return cls(secrets.token_bytes(SALT_BYTES), profile.memory, profile.passes, profile.lanes)

    def digest(self, code: str) -> bytes:
        """argon2id of a code in its normal form. Raises `Busy` without memory."""
        from argon2.exceptions import HashingError
        from argon2.low_level import Type, hash_secret_raw

        raw = code.encode("utf-8", "surrogatepass")
        try:
            return hash_secret_raw(raw, self.salt, self.passes, self.memory, self.lanes, HASH_BYTES, Type.ID)
        except HashingError as error:
            raise Busy from error


@dataclass(frozen=True)
class NewSet:
    """A set that was just made: what its owner sees once, and what is kept."""

    recipe: Recipe
    digests: Mapping[str, bytes] = field(repr=False)

    @property
    def codes(self) -> list[str]:
        """As they are shown: `7K3M-…`."""
        return [shown(code) for code in self.digests]


def new_set(recipe: Recipe) -> NewSet:
    """Ten codes; costs ten hashes."""
    return NewSet(recipe, {code: recipe.digest(code) for code in _new_codes()})


def _new_codes() -> list[str]:
    return ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(HOW_MANY)]


def shown(code: str) -> str:
    """In groups, as it is easiest to carry over."""
    return "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def normal(typed: str) -> str:
    """What a person has typed: blanks, dashes, small letters and look-alikes forgiven."""
    kept = "".join(character for character in typed[:LONGEST_TYPED] if character.isalnum())
    return kept.upper().translate(TAKEN_FOR)
