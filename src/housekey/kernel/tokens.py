"""Opaque random tokens: the browser holds the token, the database only its digest.

A plain SHA-256 suffices for the digest: the token has 256 random bits, so nothing can be guessed
from a stolen table (unlike passwords, which need a slow hash).
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

TOKEN_BYTES = 32
TOKEN_LENGTH = 43
"""Characters of a token: 32 bytes in URL-safe base64 without padding."""


@dataclass(frozen=True)
class Token:
    """A new secret and the digest that may be stored."""

    secret: str = field(repr=False)
    digest: bytes = field(repr=False)


def new_token() -> Token:
    """A token of 256 random bits."""
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    return Token(secret, digest(secret))


def digest(secret: str) -> bytes:
    """What the database keeps of a token: 32 bytes. Never raises, whatever a client sent."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def looks_like_token(text: str) -> bool:
    """Whether `text` has the form of a token; saves a read for cookies that never were ours."""
    return len(text) == TOKEN_LENGTH and text.isascii()


def new_public_id() -> str:
    """A random name (128 bits) for a row that people see in pages and URLs; it grants nothing."""
    return secrets.token_urlsafe(16)
