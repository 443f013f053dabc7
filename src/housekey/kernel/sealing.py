"""Encryption at rest: what must be read again, but not by whoever steals the database.

AES-256-GCM under a key that HKDF-SHA-256 (RFC 5869) makes of a secret and of the column, so that one column's texts
say nothing about another's. The row is bound in as associated data: a sealed text that is copied to another row,
column or table doesn't open there.

    1 byte  version of this format
    4 bytes which key, so that old ones may be kept until everything is sealed anew
   12 bytes nonce
    n bytes ciphertext and tag
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"\x01"
KEY_ID_BYTES = 4
MARK_BYTES = len(VERSION) + KEY_ID_BYTES
"""How far a sealed text tells by which key it was sealed."""
NONCE_BYTES = 12
"""Random ones are safe for 2^32 texts under one key (NIST SP 800-38D §8.3); each column has its own."""
TAG_BYTES = 16
_HEAD = len(VERSION) + KEY_ID_BYTES + NONCE_BYTES
_USE = b"housekey seal 1"


class SealError(ValueError):
    """A sealed text can't be opened; the message says why and never what is in it."""


class KeyMissing(SealError):
    """It was sealed with a key that isn't among those given."""


class SealBroken(SealError):
    """It isn't what was sealed for this place: changed, cut off, or moved here from another row."""


@dataclass(frozen=True)
class Place:
    """Where a sealed text stands: table, column and the row's key."""

    table: str
    column: str
    row: object

    @property
    def kind(self) -> bytes:
        return _joined(self.table, self.column)

    @property
    def bound(self) -> bytes:
        return _joined(self.table, self.column, str(self.row))

    def __str__(self) -> str:
        return f"{self.table}.{self.column}, row {self.row}"


def _joined(*parts: str) -> bytes:
    """Each part with its length before it, so that no two lists of parts become one text."""
    raw = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in raw)


class Sealer:
    """Seals with the first of `secrets()`, opens with any of them. They are asked each time: an app may get its
    key late."""

    def __init__(self, secrets: Callable[[], Sequence[str | bytes]]) -> None:
        self._secrets = secrets

    def seal(self, plain: bytes, place: Place) -> bytes:
        """`plain`, readable only with the key and in this place."""
        secret = self._newest()
        nonce = os.urandom(NONCE_BYTES)
        head = VERSION + key_id(secret) + nonce
        return head + _cipher(secret, place).encrypt(nonce, plain, head + place.bound)

    def open(self, sealed: bytes, place: Place) -> bytes:
        """What was sealed. Raises `KeyMissing` or `SealBroken`."""
        from cryptography.exceptions import InvalidTag

        head = sealed[:_HEAD]
        if len(sealed) < _HEAD + TAG_BYTES or head[:1] != VERSION:
            raise SealBroken(f"{place}: this isn't a sealed text of a kind that this release knows.")
        wanted, nonce = head[1 : 1 + KEY_ID_BYTES], head[-NONCE_BYTES:]
        for secret in self._raw():
            if key_id(secret) == wanted:
                try:
                    return _cipher(secret, place).decrypt(nonce, sealed[_HEAD:], head + place.bound)
                except InvalidTag:
                    raise SealBroken(f"{place}: the text was changed, or was sealed for another place.") from None
        raise KeyMissing(
            f"{place}: sealed with the key {wanted.hex()}, which isn't here. "
            "Put the former SECRET_KEY into SECRET_KEY_FALLBACKS, or the former seal key into its fallbacks."
        )

    def mark(self) -> bytes:
        """How everything begins that is sealed now; what begins otherwise should be sealed anew."""
        return VERSION + key_id(self._newest())

    def marks(self) -> list[bytes]:
        """The beginnings of all that can be opened, `mark()` first."""
        return [VERSION + key_id(secret) for secret in self._raw()]

    def _newest(self) -> bytes:
        secret = next(iter(self._raw()), None)
        if secret is None:
            raise KeyMissing("There is no key to seal with: set SECRET_KEY.")
        return secret

    def _raw(self) -> list[bytes]:
        return [s if isinstance(s, bytes) else s.encode("utf-8", "surrogatepass") for s in self._secrets()]


def key_id(secret: bytes) -> bytes:
    """A short name of a key that doesn't help to guess it more than a sealed text does anyway."""
    return hashlib.sha256(_USE + b" id|" + secret).digest()[:KEY_ID_BYTES]


def _cipher(secret: bytes, place: Place) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    key = HKDF(SHA256(), length=32, salt=None, info=_USE + b"|" + place.kind).derive(secret)
    return AESGCM(key)
