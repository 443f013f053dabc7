"""Tokens in forms: an HMAC under the app's `SECRET_KEY` of the random value in the browser's cookie.

Each has a nonce of its own, so that a compressed page doesn't give it away letter by letter (BREACH).
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

_NONCE_BYTES = 16
_TOKEN_LENGTH = 64
"""Characters: the nonce and an HMAC-SHA-256, 48 bytes in base64."""


def form_token(browser: str, key: str | bytes) -> str:
    """A new token for the browser whose cookie holds `browser`."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return urlsafe_b64encode(nonce + _seal(nonce, browser, key)).decode()


def is_form_token(token: str, browser: str, keys: Sequence[str | bytes]) -> bool:
    """Whether `token` was made for this browser under any of the keys. Never raises."""
    if len(token) != _TOKEN_LENGTH or not token.isascii():
        return False
    try:
        sealed = urlsafe_b64decode(token)
    except ValueError:
        return False
    nonce, seal = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    return any(hmac.compare_digest(_seal(nonce, browser, key), seal) for key in keys)


def _seal(nonce: bytes, browser: str, key: str | bytes) -> bytes:
    secret = key.encode("utf-8", "surrogatepass") if isinstance(key, str) else key
    return hmac.digest(secret, b"housekey form token 1\0" + nonce + browser.encode(), "sha256")
